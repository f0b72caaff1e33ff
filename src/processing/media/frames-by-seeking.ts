import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import { ignoreFileFault } from './file-faults.ts'
import {
  type ExtractedFrames,
  type FrameSource,
  IS_INTRA,
  JPEG_QUALITY,
  UNDAMAGED_KEYS,
  withToneMapping,
} from './frame-source.ts'
import { isLarge } from './media-info.ts'
import { pictureFilters, type Size } from './picture-filters.ts'
import { bytesOf, type TilePlan, timeOf } from './tiles.ts'

/** Limits of one run of ffmpeg: it has a decoder for each seek, and each decoder holds several frames. */
const MAX_PIXELS_PER_RUN = 16_000_000
const MAX_FRAMES_PER_RUN = 10

/** Seeks to the key frame before the middle of each tile, so the cost does not grow with the duration. */
export async function extractBySeeking(frames: FrameSource): Promise<ExtractedFrames> {
  const { context, picture, timeline, duration, plan, sizes } = frames
  const { directory, progress } = context
  const times = Array.from({ length: plan.count }, (_, tile) => timeOf(tile, plan, duration) + timeline.lead)
  // One run extracts several frames, because starting ffmpeg costs more than decoding one.
  const fitting = Math.floor(MAX_PIXELS_PER_RUN / ((picture.width ?? 1) * (picture.height ?? 1)))
  const perRun = Math.min(MAX_FRAMES_PER_RUN, Math.max(1, fitting))
  const tiles: Buffer[] = []
  let anyPale = false
  for (let from = 0; from < times.length; from += perRun) {
    const seeks = times.slice(from, from + perRun)
    const paths = seeks.map((_, index) => join(directory, `tile-${index}.yuv`))
    const outputs = paths.map((path, input) => ({ input, path, size: plan, format: 'rawvideo' }))
    anyPale = (await seekTo(frames, seeks, outputs)) || anyPale
    for (const path of paths) {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0))
      await rm(path, { force: true })
      tiles.push(bytes.length === bytesOf(plan) ? bytes : Buffer.alloc(0))
    }
    progress((90 * tiles.length) / plan.count)
  }
  return {
    tiles,
    pale: anyPale,
    async stills(tile) {
      const paths = { large: join(directory, 'poster.jpg'), small: join(directory, 'poster-small.jpg') }
      const outputs = (['large', 'small'] as const).map(name => ({
        ...{ input: 0, path: paths[name], size: sizes[name], format: 'image2' },
      }))
      await seekTo(frames, [times[tile]!], outputs)
      return paths
    },
  }
}

interface SeekOutput {
  /** Index of the seek. */
  readonly input: number
  readonly path: string
  readonly size: Size
  readonly format: string
}

/** Decodes only the key frame before a time. */
const seekOptions = ({ interval }: TilePlan) => [
  ...[...UNDAMAGED_KEYS, '-noaccurate_seek', '-t', (2 * interval).toFixed(3)],
]

/** Writes the frame at each time, if it can be decoded. @returns whether HDR was not converted. */
async function seekTo(
  { context, source, picture, plan }: FrameSource,
  seeks: readonly number[],
  outputs: readonly SeekOutput[],
): Promise<boolean> {
  const extracting = withToneMapping({ picture, context }, toneMap =>
    runFfmpeg(
      {
        input: source,
        inputOptions: seekOptions(plan),
        seeks,
        largePictures: isLarge(picture),
        outputs: outputs.map(({ input, path, size, format }) => ({
          map: [`${input}:${picture.index}`],
          videoFilters: [`select='${IS_INTRA}'`, ...pictureFilters(picture, size, { toneMap, jpeg: true })],
          options: ['-frames:v', '1', ...(format === 'image2' ? [...JPEG_QUALITY, '-update', '1'] : [])],
          format,
          path,
        })),
      },
      { signal: context.signal },
    ),
  )
  const done = await extracting.catch(ignoreFileFault)
  return done?.pale ?? false
}
