import type { StepContext } from '../step.ts'
import { isFileFault } from './file-faults.ts'
import type { MediaStream } from './media-info.ts'
import type { Size } from './picture-filters.ts'
import type { TilePlan } from './tiles.ts'
import type { Timeline } from './timeline.ts'

/** The video that frames are extracted from, and the wanted sizes. */
export interface FrameSource {
  readonly context: StepContext
  readonly source: string
  readonly picture: MediaStream
  readonly timeline: Timeline
  /** Seconds. */
  readonly duration: number
  readonly plan: TilePlan
  /** Sizes of the poster and of the small one for lists, in pixels. */
  readonly sizes: Readonly<Record<'large' | 'small', Size>>
}

/** The frames of a storyboard; each can also become the poster. */
export interface ExtractedFrames {
  /** Full-range YUV 4:2:0, one for each tile; empty if nothing can be decoded at its time. */
  readonly tiles: readonly Buffer[]
  /** Whether HDR could not be converted for standard displays. */
  readonly pale: boolean
  /** Writes the frame of a tile as two JPEGs. @returns their paths. */
  stills(tile: number): Promise<Record<'large' | 'small', string>>
}

export const JPEG_QUALITY = ['-q:v', '3']
/** A filter expression for intra-coded frames: after a recovery point, a decoder outputs grey frames first. */
export const IS_INTRA = 'not(eq(pict_type\\,P)+eq(pict_type\\,B))'
/** Decodes only key frames, and skips damaged ones, which would contain grey parts. */
export const UNDAMAGED_KEYS = ['-skip_frame', 'nokey', '-err_detect', 'explode']

/** Extracts with tone mapping if the picture is HDR. If that fails, extracts without it: the colours are then a little pale. */
export async function withToneMapping<T>(
  { picture, context }: Pick<FrameSource, 'picture' | 'context'>,
  extract: (toneMap: boolean) => Promise<T>,
): Promise<{ result: T; pale: boolean }> {
  if (!picture.hdr) return { result: await extract(false), pale: false }
  try {
    return { result: await extract(true), pale: false }
  } catch (error) {
    if (!isFileFault(error)) throw error
    const cause = error.cause instanceof Error ? error.cause.message.slice(-1000) : undefined
    context.log.info({ error: error.message, cause }, 'tone mapping of a picture failed')
    return { result: await extract(false), pale: true }
  }
}
