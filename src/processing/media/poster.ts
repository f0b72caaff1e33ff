import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../../base/errors.ts'
import type { StepNote } from '../../database/tables/steps.ts'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile, Step } from '../step.ts'
import type { ContainerLayout } from './container-layout.ts'
import { passOver } from './download-audio.ts'
import {
  type DecodedFrames,
  type FrameSource,
  JPEG,
  type TakenPictures,
  takeBySeeking,
  takeInOnePass,
} from './frame-source.ts'
import { type MediaStream, pictureOf } from './media-info.ts'
import type { Size } from './picture-filters.ts'
import { unsupportedCodec } from './stream-facts.ts'
import { chooseTile, planTiles, renderTiles } from './tiles.ts'
import { examine } from './timeline.ts'

/** The poster's longer side. */
const POSTER_SIDE_PX = 1280
/** The width of the poster for lists, whose cards are 280 to 340 pixels wide on screens of up to twice the density. */
const SMALL_WIDTH_PX = 480
/** If seeking finds at least this part of the tiles, the others repeat them. */
const ENOUGH_SHARE = 0.5

/** Makes the poster, which is shown in lists and before playback, and the storyboard of the seek bar. */
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
      const frames: FrameSource = {
        context,
        source,
        picture,
        timeline,
        duration,
        plan,
        sizes: posterSizes(picture),
      }
      const pictures = await takePictures(frames, layout)
      const tiles = withoutGaps(pictures.tiles)
      if (tiles.length === 0) throw nothingDecoded()
      const luma = tiles.map(bytes => bytes.subarray(0, plan.width * plan.height))
      const chosen = pictures.tiles.indexOf(tiles[chooseTile(luma)]!)
      const stills = await pictures.stills(chosen)
      for (const path of Object.values(stills)) if (!(await exists(path))) throw nothingDecoded()
      const sheet = await makeSheet(frames, tiles)
      const storyboard = await describe(frames, sheet, tiles.length)
      return { files: [...describeStills(frames, stills), ...storyboard], notes: pictures.pale ? [PALE] : [] }
    }),
}

const PALE: StepNote = {
  code: 'not_tone_mapped',
  message: 'The HDR colours of the poster look pale: they could not be converted for standard displays.',
}

/** Takes the pictures in the cheapest way that finds one for each tile. */
async function takePictures(frames: FrameSource, { indexed }: ContainerLayout): Promise<TakenPictures> {
  if (frames.plan.keyFrames && indexed) {
    const sought = await takeBySeeking(frames)
    const found = sought.tiles.filter(({ length }) => length > 0).length
    if (found >= ENOUGH_SHARE * frames.plan.count) return sought
  }
  const ways: readonly DecodedFrames[] = ['nokey', 'bidir']
  for (const way of ways) {
    // Not every decoder can skip pictures.
    const taken = await takeInOnePass(frames, way).catch(passOver)
    if (taken) return taken
  }
  return (
    (await takeInOnePass(frames, 'default')) ?? {
      tiles: [],
      pale: false,
      stills: () => Promise.reject(nothingDecoded()),
    }
  )
}

/** A tile without a picture repeats the one before; a damaged end has no tiles. */
function withoutGaps(pictures: readonly Buffer[]): Buffer[] {
  const last = pictures.findLastIndex(({ length }) => length > 0)
  let seen = pictures.find(({ length }) => length > 0)
  return pictures.slice(0, last + 1).map(bytes => {
    if (bytes.length > 0) seen = bytes
    return seen!
  })
}

function posterSizes({ width = 2, height = 2 }: MediaStream): Record<'large' | 'small', Size> {
  const factor = Math.min(1, POSTER_SIDE_PX / Math.max(width, height))
  const scaled = (scale: number) => ({ width: even(width * scale), height: even(height * scale) })
  return { large: scaled(factor), small: scaled(Math.min(factor, SMALL_WIDTH_PX / width)) }
}

/** Puts the tiles on one sheet. @returns its path. */
async function makeSheet({ context, plan }: FrameSource, tiles: readonly Buffer[]): Promise<string> {
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

function describeStills(
  { sizes }: FrameSource,
  { large, small }: Record<'large' | 'small', string>,
): MadeFile[] {
  const jpeg = { extension: '.jpg', contentType: 'image/jpeg' }
  return [
    { kind: 'poster', path: large, ...jpeg, details: { ...sizes.large } },
    { kind: 'poster_small', path: small, ...jpeg, details: { ...sizes.small } },
  ]
}

/** The sheet, and a WebVTT track with the place of each tile on it. */
async function describe(
  { context, plan, duration }: FrameSource,
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
