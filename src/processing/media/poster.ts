import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../../base/errors.ts'
import type { StepNote } from '../../database/schema.ts'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile, Step } from '../step.ts'
import type { Layout } from './container-layout.ts'
import { passOver } from './download-audio.ts'
import {
  type Decoded,
  JPEG,
  type Pictures,
  type Sight,
  takeBySeeking,
  takeInOnePass,
} from './frame-source.ts'
import { type MediaStream, pictureOf } from './media-info.ts'
import type { Size } from './picture-filters.ts'
import { unsupportedCodec } from './stream-facts.ts'
import { chooseTile, planTiles, renderTiles } from './tiles.ts'
import { examine } from './timeline.ts'

/** Pixels of a poster's longer side. */
const POSTER_SIDE = 1280
/** Pixels of the width of the poster for lists, whose cards are 280 to 340 pixels wide on screens of up to twice the density. */
const SMALL_WIDTH = 480
/** Of tiles that seeking must have found for the rest to be filled from them. */
const ENOUGH_SHARE = 0.5

/** A still that stands for the video in lists and before it plays, and a storyboard for the seek bar. */
export const poster: Step = {
  stallTimeoutS: 120,
  run: context =>
    context.storage.withFile(context.video.storage_key, async source => {
      const { info, layout, timeline } = await examine(source, context.signal, context.video.streams)
      const unsupported = unsupportedCodec(info, 'video')
      if (unsupported) throw unsupported
      const picture = pictureOf(info)
      if (!picture) return { skipped: 'no_video' }
      const duration = context.video.duration ?? timeline.duration ?? 0
      const plan = planTiles(duration, picture.width ?? 16, picture.height ?? 9)
      const sight: Sight = { context, source, picture, timeline, duration, plan, sizes: posterSizes(picture) }
      const pictures = await takePictures(sight, layout)
      const tiles = withoutGaps(pictures.tiles)
      if (tiles.length === 0) throw nothingDecoded()
      const luma = tiles.map(bytes => bytes.subarray(0, plan.width * plan.height))
      const chosen = pictures.tiles.indexOf(tiles[chooseTile(luma)]!)
      const stills = await pictures.stills(chosen)
      for (const path of Object.values(stills)) if (!(await exists(path))) throw nothingDecoded()
      const sheet = await makeSheet(sight, tiles)
      const storyboard = await describe(sight, sheet, tiles.length)
      return { files: [...describeStills(sight, stills), ...storyboard], notes: pictures.pale ? [PALE] : [] }
    }),
}

const PALE: StepNote = {
  code: 'not_tone_mapped',
  message: 'The HDR colours of the poster look pale: they could not be brought to ordinary displays.',
}

/** The cheapest way that shows what is to be seen when. */
async function takePictures(sight: Sight, { indexed }: Layout): Promise<Pictures> {
  if (sight.plan.keyFrames && indexed) {
    const sought = await takeBySeeking(sight)
    const found = sought.tiles.filter(({ length }) => length > 0).length
    if (found >= ENOUGH_SHARE * sight.plan.count) return sought
  }
  const ways: readonly Decoded[] = ['nokey', 'bidir']
  for (const way of ways) {
    // Not every decoder can leave pictures out.
    const taken = await takeInOnePass(sight, way).catch(passOver)
    if (taken) return taken
  }
  return (
    (await takeInOnePass(sight, 'default')) ?? {
      tiles: [],
      pale: false,
      stills: () => Promise.reject(nothingDecoded()),
    }
  )
}

/** A tile where nothing can be decoded shows what was seen last; at a damaged end there is none. */
function withoutGaps(pictures: readonly Buffer[]): Buffer[] {
  const last = pictures.findLastIndex(({ length }) => length > 0)
  let seen = pictures.find(({ length }) => length > 0)
  return pictures.slice(0, last + 1).map(bytes => {
    if (bytes.length > 0) seen = bytes
    return seen!
  })
}

function posterSizes({ width = 2, height = 2 }: MediaStream): Record<'large' | 'small', Size> {
  const factor = Math.min(1, POSTER_SIDE / Math.max(width, height))
  const scaled = (scale: number) => ({ width: even(width * scale), height: even(height * scale) })
  return { large: scaled(factor), small: scaled(Math.min(factor, SMALL_WIDTH / width)) }
}

/** Puts tiles on a sheet. @returns its path. */
async function makeSheet({ context, plan }: Sight, tiles: readonly Buffer[]): Promise<string> {
  const { directory, signal } = context
  const [input, path] = [join(directory, 'sheet.yuv'), join(directory, 'storyboard.jpg')]
  await writeFile(input, Buffer.concat(tiles))
  const { width, height, columns, rows } = plan
  const inputOptions = ['-pixel_format', 'yuvj420p', '-video_size', `${width}x${height}`]
  const output = {
    map: ['0:v:0'],
    videoFilters: [`tile=${columns}x${rows}`],
    options: ['-frames:v', '1', ...JPEG],
    format: 'image2',
    path,
  }
  await runFfmpeg({ input, demuxer: 'rawvideo', inputOptions, outputs: [output] }, { signal })
  return path
}

function describeStills({ sizes }: Sight, { large, small }: Record<'large' | 'small', string>): MadeFile[] {
  const jpeg = { extension: '.jpg', contentType: 'image/jpeg' }
  return [
    { kind: 'poster', path: large, ...jpeg, details: { ...sizes.large } },
    { kind: 'poster_small', path: small, ...jpeg, details: { ...sizes.small } },
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
