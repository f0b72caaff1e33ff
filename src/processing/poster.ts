import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { asChosen } from './choose-streams.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { inspect } from './inspect.ts'
import { readLayout } from './layout.ts'
import { isLarge, pictureOf } from './media-info.ts'
import { pictureFilters } from './picture-filters.ts'
import {
  JPEG,
  passOver,
  type Sight,
  seekKey,
  takeKeyPictures,
  takePicture,
  tilesTogether,
  withTones,
} from './sight.ts'
import type { MadeFile, Step } from './step.ts'
import { unsupportedCodec } from './stream-facts.ts'
import { bytesOf, chooseTile, planTiles, renderTiles, type TilePlan, timeOf } from './tiles.ts'

/** Pixels of a poster's longer side. */
const POSTER_SIDE = 1280
/** Pixels of the width of the poster for lists, whose cards are 280 to 340 pixels wide on screens of up to twice the density. */
const SMALL_WIDTH = 480

/** A still that stands for the video in lists and before it plays, and a storyboard for the seek bar. */
export const poster: Step = {
  patience: 120,
  run: context =>
    context.storage.withFile(context.video.storage_key, async source => {
      const info = asChosen(await inspect(source, context.signal), context.video.streams)
      const unsupported = unsupportedCodec(info, 'video')
      if (unsupported) throw unsupported
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
      const stills = await takeStills(sight, chooseTile(luma))
      return { files: [...stills, ...(await describe(sight, sheet, count))] }
    }),
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
        // A film that is shorter than a tile has a picture as well.
        `fps=${1 / plan.interval}:start_time=0:eof_action=pass`,
        ...pictureFilters(sight.picture, plan, { toneMap }),
      ]
      return runFfmpeg(
        {
          input: sight.source,
          inputOptions: plan.keyFrames ? ['-skip_frame', 'nokey'] : [],
          largePictures: isLarge(sight.picture),
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
  const times = Array.from({ length: plan.count }, (_, tile) => timeOf(tile, plan, duration))
  const together = tilesTogether(sight.picture)
  const pictures: Buffer[] = []
  for (let from = 0; from < times.length; from += together) {
    pictures.push(...(await takeKeyPictures(sight, times.slice(from, from + together))))
    progress((90 * pictures.length) / plan.count)
  }
  await writeFile(tiles, Buffer.concat(withoutGaps(pictures)))
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

/** Where nothing can be decoded stands what was seen last; at a damaged end, nothing. */
function withoutGaps(pictures: readonly Buffer[]): Buffer[] {
  const last = pictures.findLastIndex(({ length }) => length > 0)
  let seen = pictures.find(({ length }) => length > 0)
  return pictures.slice(0, last + 1).map(bytes => {
    if (bytes.length > 0) seen = bytes
    return seen!
  })
}

/** The poster in both sizes, of the same picture. */
async function takeStills(sight: Sight, tile: number): Promise<MadeFile[]> {
  const { context, picture, plan, duration } = sight
  const { width = 2, height = 2 } = picture
  const factor = Math.min(1, POSTER_SIDE / Math.max(width, height))
  const stillOf = (name: string, scale: number) => ({
    path: join(context.directory, name),
    size: { width: even(width * scale), height: even(height * scale) },
  })
  const large = stillOf('poster.jpg', factor)
  const small = stillOf('poster-small.jpg', Math.min(factor, SMALL_WIDTH / width))
  const stills = [large, small]
  const take = (input: readonly string[]) => takePicture(sight, input, stills).catch(passOver)
  const areTaken = async () => (await exists(large.path)) && (await exists(small.path))
  await take([...(plan.keyFrames ? seekKey : []), '-ss', timeOf(tile, plan, duration).toFixed(3)])
  if (!(await areTaken())) await take([])
  if (!(await areTaken())) throw nothingDecoded()
  const jpeg = { extension: '.jpg', contentType: 'image/jpeg' }
  return [
    { kind: 'poster', path: large.path, ...jpeg, details: large.size },
    { kind: 'poster_small', path: small.path, ...jpeg, details: small.size },
  ]
}

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
