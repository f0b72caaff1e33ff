import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { convert, inspect } from './ffmpeg.ts'
import { type Layout, readLayout } from './layout.ts'
import { type MediaStream, pictureOf } from './media-info.ts'
import { pictureFilters } from './rendition.ts'
import type { MadeFile, Step, StepContext } from './step.ts'
import { bytesOf, chooseTile, planTiles, renderTiles, type TilePlan, timeOf } from './tiles.ts'

/** Pixels of a poster's longer side. */
const POSTER_SIDE = 1280
/**
 * Up to this many seconds every picture is decoded, in one go. Of longer videos one key frame a tile is sought, so that the time it
 * takes does not grow with the length.
 */
const SHORT = 200

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
      await takeTiles(sight, tiles)
      const bytes = await readFile(tiles)
      const count = Math.min(sight.plan.count, Math.floor(bytes.length / bytesOf(sight.plan)))
      if (count === 0) throw nothingDecoded()
      const luma = Array.from({ length: count }, (_, tile) => {
        const { width, height } = sight.plan
        const from = tile * bytesOf(sight.plan)
        return bytes.subarray(from, from + width * height)
      })
      const still = await takeStill(sight, chooseTile(luma))
      return { files: [still, ...(await layOut(sight, tiles, count))] }
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

/** Whether key frames stand for what is around them. */
function isLong({ duration }: Sight): boolean {
  return duration > SHORT
}

/** Writes the pictures of all tiles, one behind the other, as YUV 4:2:0. */
async function takeTiles(sight: Sight, path: string): Promise<void> {
  const { context, layout, plan, duration } = sight
  const { signal, progress } = context
  if (!isLong(sight) || !layout.indexed) {
    const rate = [`fps=${1 / plan.interval}:start_time=0`]
    const input = isLong(sight) ? ['-skip_frame', 'nokey'] : []
    await takePictures(
      sight,
      path,
      input,
      [...rate],
      plan,
      ['-frames:v', String(plan.count), ...RAW],
      seconds => progress((90 * seconds) / duration),
    )
    return
  }
  const one = join(context.directory, 'tile.yuv')
  await writeFile(path, '')
  for (let tile = 0; tile < plan.count; tile++) {
    signal.throwIfAborted()
    const input = [...seekKey, '-ss', timeOf(tile, plan, duration).toFixed(3)]
    await writeFile(one, '')
    await takePictures(sight, one, input, [], plan, ['-frames:v', '1', ...RAW]).catch(passOver)
    const bytes = await readFile(one)
    // Nothing comes where the end is damaged; the tiles before it stand.
    if (bytes.length < bytesOf(plan)) break
    await appendFile(path, bytes)
    progress((90 * (tile + 1)) / plan.count)
  }
}

const RAW = ['-f', 'rawvideo']
/** The key frame before a time, and nothing between them is decoded. */
const seekKey = ['-skip_frame', 'nokey', '-noaccurate_seek']

function passOver(error: unknown): void {
  if (!(error instanceof StepError) || error.retryable) throw error
}

async function takePictures(
  { context, source, picture }: Sight,
  path: string,
  input: readonly string[],
  first: readonly string[],
  size: { width: number; height: number },
  output: readonly string[],
  onTime?: (seconds: number) => void,
): Promise<void> {
  const take = (toneMap: boolean) => {
    const filters = [...first, ...pictureFilters(picture, size, toneMap)].join()
    const bare = ['-map', `0:${picture.index}`, '-an', '-sn', '-dn', '-vf', filters]
    const job = { input, outputs: [{ arguments: [...bare, ...output], path }] }
    return convert(source, job, { signal: context.signal, ...(onTime && { onTime }) })
  }
  // Where ffmpeg cannot map tones, the colours are a little pale.
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
    takePictures(sight, path, input, [], size, ['-frames:v', '1', ...JPEG]).catch(passOver)
  await take([...(isLong(sight) ? seekKey : []), '-ss', timeOf(tile, plan, duration).toFixed(3)])
  if (!(await exists(path))) await take([])
  if (!(await exists(path))) throw nothingDecoded()
  return { kind: 'poster', path, extension: '.jpg', contentType: 'image/jpeg', details: size }
}

const JPEG = ['-q:v', '3', '-update', '1', '-f', 'image2']

/** Puts the tiles on a sheet, and says where each of them is. */
async function layOut({ context, plan, duration }: Sight, tiles: string, count: number): Promise<MadeFile[]> {
  const [sheet, track] = [
    join(context.directory, 'storyboard.jpg'),
    join(context.directory, 'storyboard.vtt'),
  ]
  const { width, height, columns } = plan
  const rows = Math.ceil(count / columns)
  const raw = ['-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${width}x${height}`]
  const output = ['-vf', `tile=${columns}x${rows}`, '-frames:v', '1', ...JPEG]
  await convert(
    tiles,
    { input: raw, outputs: [{ arguments: output, path: sheet }] },
    { signal: context.signal },
  )
  await writeFile(track, renderTiles(plan, count, duration, 'storyboard.jpg'))
  const details = { width, height, columns, rows, count, interval: plan.interval }
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
