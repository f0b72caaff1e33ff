import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../../base/errors.ts'
import type { StepNote } from '../../database/tables/steps.ts'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile, Step } from '../step.ts'
import type { ContainerLayout } from './container-layout.ts'
import { examine } from './examine.ts'
import { ignoreFileFault } from './file-faults.ts'
import { type ExtractedFrames, type FrameSource, JPEG_QUALITY } from './frame-source.ts'
import { extractBySeeking } from './frames-by-seeking.ts'
import { type DecodedFrames, extractInOnePass } from './frames-in-one-pass.ts'
import { type MediaStream, pictureOf } from './media-info.ts'
import { evenLength, type Size } from './picture-filters.ts'
import { unsupportedCodec } from './stream-facts.ts'
import { chooseTile, planTiles, renderTiles } from './tiles.ts'

/** The poster's longer side. */
const POSTER_SIDE_PX = 1280
/** The width of the poster for lists. Their cards are 280 to 340 pixels wide, on screens with up to twice the density. */
const SMALL_WIDTH_PX = 480
/** If seeking finds a frame for at least this share of the tiles, the other tiles repeat their neighbours. */
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
      const extracted = await extractFrames(frames, layout)
      const tiles = withoutGaps(extracted.tiles)
      if (tiles.length === 0) throw nothingDecoded()
      const luma = tiles.map(bytes => bytes.subarray(0, plan.width * plan.height))
      const chosen = extracted.tiles.indexOf(tiles[chooseTile(luma)]!)
      const stills = await extracted.stills(chosen)
      for (const path of Object.values(stills)) if (!(await exists(path))) throw nothingDecoded()
      const sheet = await makeSheet(frames, tiles)
      const storyboard = await describe(frames, sheet, tiles.length)
      return {
        files: [...describeStills(frames, stills), ...storyboard],
        notes: extracted.pale ? [PALE] : [],
      }
    }),
}

const PALE: StepNote = {
  code: 'not_tone_mapped',
  message: 'The HDR colours of the poster look pale: they could not be converted for standard displays.',
}

/** Extracts the frames in the cheapest way that finds one for each tile. */
async function extractFrames(frames: FrameSource, { indexed }: ContainerLayout): Promise<ExtractedFrames> {
  if (frames.plan.keyFrames && indexed) {
    const sought = await extractBySeeking(frames)
    const found = sought.tiles.filter(({ length }) => length > 0).length
    if (found >= ENOUGH_SHARE * frames.plan.count) return sought
  }
  const ways: readonly DecodedFrames[] = ['nokey', 'bidir']
  for (const way of ways) {
    // Not every decoder can skip frames.
    const extracted = await extractInOnePass(frames, way).catch(ignoreFileFault)
    if (extracted) return extracted
  }
  return (
    (await extractInOnePass(frames, 'default')) ?? {
      tiles: [],
      pale: false,
      stills: () => Promise.reject(nothingDecoded()),
    }
  )
}

/** A tile without a frame repeats the one before; a damaged end has no tiles. */
function withoutGaps(frames: readonly Buffer[]): Buffer[] {
  const last = frames.findLastIndex(({ length }) => length > 0)
  let previous = frames.find(({ length }) => length > 0)
  return frames.slice(0, last + 1).map(bytes => {
    if (bytes.length > 0) previous = bytes
    return previous!
  })
}

function posterSizes({ width = 2, height = 2 }: MediaStream): Record<'large' | 'small', Size> {
  const factor = Math.min(1, POSTER_SIDE_PX / Math.max(width, height))
  const scaled = (scale: number) => ({
    width: evenLength(width * scale),
    height: evenLength(height * scale),
  })
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
    options: ['-frames:v', '1', ...JPEG_QUALITY, '-update', '1'],
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

/** The sheet, and a WebVTT track with the position of each tile on it. */
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

function nothingDecoded(): StepError {
  return new StepError('undecodable', 'No picture could be decoded from the file.', { retryable: false })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    stats => stats.size > 0,
    () => false,
  )
}
