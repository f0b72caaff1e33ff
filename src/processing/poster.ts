import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { inspect } from './inspect.ts'
import { type Layout, readLayout } from './layout.ts'
import { type MediaStream, pictureOf } from './media-info.ts'
import { pictureFilters } from './rendition.ts'
import type { MadeFile, Step, StepContext } from './step.ts'
import { bytesOf, chooseTile, planTiles, renderTiles, type TilePlan, timeOf } from './tiles.ts'

/** Pixels of a poster's longer side. */
const POSTER_SIDE = 1280
/** A still that stands for the video in lists and before it plays, and a storyboard for the seek bar. */
export const poster: Step = {
  patience: 120,
  run: context =>
    context.storage.withFile(context.video.storage_key, async source => {
      const info = await inspect(source, context.signal)
      const picture = pictureOf(info)
      if (!picture) return { skipped: 'no_video' }
      const duration = context.video.duration ?? info.duration ?? 0
      const sight: Sight = {
        ...{ context, source, picture, duration, layout: await readLayout(source, info.format) },
        plan: planTiles(duration, picture.width ?? 16, picture.height ?? 9),
      }
      const tiles = join(context.directory, 'tiles.yuv')
      const sheet = join(context.directory, 'storyboard.jpg')
      await takeTiles(sight, { tiles, sheet })
      const bytes = await readFile(tiles)
      const count = Math.min(sight.plan.count, Math.floor(bytes.length / bytesOf(sight.plan)))
      if (count === 0) throw nothingDecoded()
      const luma = Array.from({ length: count }, (_, tile) => {
        const { width, height } = sight.plan
        const from = tile * bytesOf(sight.plan)
        return bytes.subarray(from, from + width * height)
      })
      const still = await takeStill(sight, chooseTile(luma))
      return { files: [still, ...(await describe(sight, sheet, count))] }
    }),
}

interface Sight {
  readonly context: StepContext
  readonly source: string
  readonly picture: MediaStream
  readonly layout: Layout
  /** Seconds. */
  readonly duration: number
  readonly plan: TilePlan
}

interface Sheet {
  readonly sheet: string
  /** The pictures of all tiles one behind the other, as YUV 4:2:0. */
  readonly tiles: string
}

/** Makes the sheet of tiles, and their pictures for looking at. */
async function takeTiles(sight: Sight, { sheet, tiles }: Sheet): Promise<void> {
  const { context, layout, plan, duration } = sight
  const { signal, progress } = context
  if (!plan.keyFrames || !layout.indexed) {
    const onTime = (seconds: number) => progress((90 * seconds) / duration)
    await withTones(sight, toneMap => {
      const filters = [
        `fps=${1 / plan.interval}:start_time=0`,
        ...pictureFilters(sight.picture, plan, toneMap),
      ]
      return runFfmpeg(
        {
          input: sight.source,
          inputOptions: plan.keyFrames ? ['-skip_frame', 'nokey'] : [],
          complexFilters: [
            `[0:${sight.picture.index}]${filters.join()},split[one][two]`,
            `[two]${layOut(plan)}[sheet]`,
          ],
          outputs: [
            { map: ['[one]'], options: ['-frames:v', String(plan.count)], format: 'rawvideo', path: tiles },
            { map: ['[sheet]'], options: ['-frames:v', '1', ...JPEG], format: 'image2', path: sheet },
          ],
        },
        { signal, onTime },
      )
    })
    return
  }
  const one = join(context.directory, 'tile.yuv')
  await writeFile(tiles, '')
  for (let tile = 0; tile < plan.count; tile++) {
    signal.throwIfAborted()
    const input = [...seekKey, '-ss', timeOf(tile, plan, duration).toFixed(3)]
    await writeFile(one, '')
    await takePicture(sight, input, plan, { path: one, format: 'rawvideo' }).catch(passOver)
    const bytes = await readFile(one)
    // Nothing comes where the end is damaged; the tiles before it stand.
    if (bytes.length < bytesOf(plan)) break
    await appendFile(tiles, bytes)
    progress((90 * (tile + 1)) / plan.count)
  }
  await runFfmpeg(
    {
      input: tiles,
      demuxer: 'rawvideo',
      inputOptions: ['-pixel_format', 'yuv420p', '-video_size', `${plan.width}x${plan.height}`],
      outputs: [
        {
          map: ['0:v:0'],
          videoFilters: [layOut(plan)],
          options: ['-frames:v', '1', ...JPEG],
          format: 'image2',
          path: sheet,
        },
      ],
    },
    { signal },
  )
}

/** The filter that puts tiles on a sheet. */
function layOut({ columns, rows }: TilePlan): string {
  return `tile=${columns}x${rows}`
}

/** The key frame before a time, and nothing between them is decoded. */
const seekKey = ['-skip_frame', 'nokey', '-noaccurate_seek']

function passOver(error: unknown): void {
  if (!(error instanceof StepError) || error.retryable) throw error
}

interface Picture {
  readonly path: string
  readonly format: 'rawvideo' | 'image2'
}

/** Takes the first picture that the input comes to. */
async function takePicture(
  { context, source, picture }: Sight,
  inputOptions: readonly string[],
  size: { width: number; height: number },
  { path, format }: Picture,
): Promise<void> {
  await withTones({ picture }, toneMap => {
    const output = {
      map: [`0:${picture.index}`],
      videoFilters: pictureFilters(picture, size, toneMap),
      options: ['-frames:v', '1', ...(format === 'image2' ? JPEG : [])],
    }
    const job = { input: source, inputOptions, outputs: [{ ...output, format, path }] }
    return runFfmpeg(job, { signal: context.signal })
  })
}

/** Where ffmpeg cannot map the tones of an HDR picture, its colours are a little pale. */
async function withTones(
  { picture }: Pick<Sight, 'picture'>,
  take: (toneMap: boolean) => Promise<unknown>,
): Promise<void> {
  if (picture.hdr && (await take(true).then(() => true, passOver))) return
  await take(false)
}

async function takeStill(sight: Sight, tile: number): Promise<MadeFile> {
  const { context, picture, plan, duration } = sight
  const path = join(context.directory, 'poster.jpg')
  const { width = 2, height = 2 } = picture
  const factor = Math.min(1, POSTER_SIDE / Math.max(width, height))
  const size = { width: even(width * factor), height: even(height * factor) }
  const take = (input: readonly string[]) =>
    takePicture(sight, input, size, { path, format: 'image2' }).catch(passOver)
  await take([...(plan.keyFrames ? seekKey : []), '-ss', timeOf(tile, plan, duration).toFixed(3)])
  if (!(await exists(path))) await take([])
  if (!(await exists(path))) throw nothingDecoded()
  return { kind: 'poster', path, extension: '.jpg', contentType: 'image/jpeg', details: size }
}

const JPEG = ['-q:v', '3', '-update', '1']

/** The sheet, and a track that says where each tile lies on it. */
async function describe(
  { context, plan, duration }: Sight,
  sheet: string,
  count: number,
): Promise<MadeFile[]> {
  const track = join(context.directory, 'storyboard.vtt')
  await writeFile(track, renderTiles(plan, count, duration, 'storyboard.jpg'))
  const { width, height, columns, rows, interval } = plan
  const details = { width, height, columns, rows, count, interval }
  return [
    { kind: 'storyboard', path: sheet, extension: '.jpg', contentType: 'image/jpeg', details },
    { kind: 'storyboard_vtt', path: track, extension: '.vtt', contentType: 'text/vtt', details },
  ]
}

function even(length: number): number {
  return Math.max(2, 2 * Math.round(length / 2))
}

function nothingDecoded(): StepError {
  return new StepError('undecodable', 'No picture could be decoded from the file.', { retryable: false })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    stats => stats.size > 0,
    () => false,
  )
}
