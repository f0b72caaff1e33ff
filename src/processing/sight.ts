import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { runFfmpeg } from './ffmpeg.ts'
import type { Layout } from './layout.ts'
import { isLarge, type MediaStream } from './media-info.ts'
import { pictureFilters } from './picture-filters.ts'
import type { StepContext } from './step.ts'
import { bytesOf, type TilePlan } from './tiles.ts'

/** What pictures are taken of. */
export interface Sight {
  readonly context: StepContext
  readonly source: string
  readonly picture: MediaStream
  readonly layout: Layout
  /** Seconds. */
  readonly duration: number
  readonly plan: TilePlan
}

export const JPEG = ['-q:v', '3', '-update', '1']

/** The key frame before a time, and nothing between them is decoded. */
export const seekKey = ['-skip_frame', 'nokey', '-noaccurate_seek']

/** Pixels of the pictures that are decoded at the same time: each of their decoders holds several. */
const PIXELS_TOGETHER = 16_000_000
const MOST_TOGETHER = 10

/** How many tiles one run of ffmpeg takes, which costs more to start than a picture to decode. */
export function tilesTogether({ width = 1, height = 1 }: MediaStream): number {
  return Math.min(MOST_TOGETHER, Math.max(1, Math.floor(PIXELS_TOGETHER / (width * height))))
}

/** Takes the picture before each of some times, in seconds. @returns their bytes, none where nothing can be decoded. */
export async function takeKeyPictures(
  { context, source, picture, plan }: Sight,
  seeks: readonly number[],
): Promise<Buffer[]> {
  const { signal, directory } = context
  const paths = seeks.map((_, index) => join(directory, `tile-${index}.yuv`))
  await withTones({ picture }, toneMap =>
    runFfmpeg(
      {
        input: source,
        inputOptions: seekKey,
        seeks,
        largePictures: isLarge(picture),
        outputs: paths.map((path, index) => ({
          map: [`${index}:${picture.index}`],
          videoFilters: pictureFilters(picture, plan, { toneMap }),
          options: ['-frames:v', '1'],
          format: 'rawvideo',
          path,
        })),
      },
      { signal },
    ),
  ).catch(passOver)
  return Promise.all(
    paths.map(async path => {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0))
      await rm(path, { force: true })
      return bytes.length === bytesOf(plan) ? bytes : Buffer.alloc(0)
    }),
  )
}

export function passOver(error: unknown): void {
  if (!(error instanceof StepError) || error.retryable) throw error
}

/** A picture to be written as a JPEG; the size is in pixels. */
export interface Still {
  readonly size: { readonly width: number; readonly height: number }
  readonly path: string
}

/** Writes the first picture of the input, decoded once, in each of the sizes. */
export async function takePicture(
  { context, source, picture }: Sight,
  inputOptions: readonly string[],
  stills: readonly Still[],
): Promise<void> {
  await withTones({ picture }, toneMap => {
    const outputs = stills.map(({ size, path }) => ({
      map: [`0:${picture.index}`],
      videoFilters: pictureFilters(picture, size, { toneMap, jpeg: true }),
      options: ['-frames:v', '1', ...JPEG],
      format: 'image2',
      path,
    }))
    const job = { input: source, inputOptions, largePictures: isLarge(picture), outputs }
    return runFfmpeg(job, { signal: context.signal })
  })
}

/** Where ffmpeg cannot map the tones of an HDR picture, its colours are a little pale. */
export async function withTones(
  { picture }: Pick<Sight, 'picture'>,
  take: (toneMap: boolean) => Promise<unknown>,
): Promise<void> {
  if (picture.hdr && (await take(true).then(() => true, passOver))) return
  await take(false)
}
