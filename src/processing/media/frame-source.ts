import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../../base/errors.ts'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import type { StepContext } from '../step.ts'
import { isLarge, type MediaStream } from './media-info.ts'
import { pictureFilters, type Size } from './picture-filters.ts'
import { cutStart, DAMAGE_ALLOWED, shift } from './rendition.ts'
import { bytesOf, pickForTiles, type TilePlan, timeOf } from './tiles.ts'
import type { Timeline } from './timeline.ts'

/** The video that frames are decoded from. */
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

/** The pictures of a storyboard; each can also become the poster. */
export interface TakenPictures {
  /** Full-range YUV 4:2:0; empty if nothing can be decoded at that time. */
  readonly tiles: readonly Buffer[]
  /** Whether HDR could not be converted for standard displays. */
  readonly pale: boolean
  /** Writes the picture of a tile as two JPEGs. @returns their paths. */
  stills(tile: number): Promise<Record<'large' | 'small', string>>
}

/**
 * The pictures to decode: key frames, all that others depend on (`bidir`), or all. A decoder that cannot skip the others decodes too many,
 * never too few.
 */
export type DecodedFrames = 'nokey' | 'bidir' | 'default'

export const JPEG = ['-q:v', '3', '-update', '1']
/** Only intra-coded pictures: after a recovery point, a decoder shows grey first. */
const IS_INTRA = 'not(eq(pict_type\\,P)+eq(pict_type\\,B))'
/** A damaged key frame would contain grey parts, so the next one is used. */
const UNDAMAGED = ['-skip_frame', 'nokey', '-err_detect', 'explode']
/** Pixels of the pictures that one run decodes: each has a decoder, which holds several pictures. */
const MAX_PIXELS_PER_RUN = 16_000_000
const MAX_PICTURES_PER_RUN = 10

/**
 * Takes a picture for each tile in one pass over the file.
 * @returns undefined if the decoded pictures are too far from the tiles in time. @throws StepError
 */
export async function takeInOnePass(
  frames: FrameSource,
  decoded: DecodedFrames,
): Promise<TakenPictures | undefined> {
  const { context, source, picture, timeline, duration, plan, sizes } = frames
  const { signal, progress, directory } = context
  const raw = join(directory, 'tiles.yuv')
  const still = (name: string, number: string) => join(directory, `${name}-${number}.jpg`)
  const onTime = (seconds: number) => progress((90 * seconds) / duration)
  const choice = {
    // A video shorter than a tile has a picture too.
    default: `fps=${1 / plan.interval}:start_time=0:eof_action=pass`,
    nokey: `select='${IS_INTRA}*${spaced(plan)}'`,
    bidir: `select='${spaced(plan)}'`,
  }[decoded]
  const graph = (toneMap: boolean) => {
    const filters = [
      ...cutStart('trim', timeline.picture),
      choice,
      ...pictureFilters(picture, sizes.large, { toneMap, jpeg: true }),
    ]
    const scale = ({ width, height }: Size) => `scale=${width}:${height}`
    return [
      `[0:${picture.index}]${filters.join()},split=3[large][two][three]`,
      `[two]${scale(sizes.small)}[small]`,
      `[three]${scale(plan)},showinfo=checksum=0[tiles]`,
    ]
  }
  const most = [
    ...DAMAGE_ALLOWED,
    '-vsync',
    'passthrough',
    '-frames:v',
    String(decoded === 'default' ? plan.count : 2 * plan.count),
  ]
  const images = (name: string) => ({
    map: [`[${name}]`],
    options: [...most, '-q:v', '3'],
    format: 'image2',
    path: still(name, '%d'),
  })
  const { result, pale } = await withTones(frames, toneMap =>
    runFfmpeg(
      {
        input: source,
        inputOptions: [...shift(timeline), ...(decoded === 'nokey' ? UNDAMAGED : ['-skip_frame', decoded])],
        largePictures: isLarge(picture),
        complexFilters: graph(toneMap),
        outputs: [
          { map: ['[tiles]'], options: most, format: 'rawvideo', path: raw },
          images('large'),
          images('small'),
        ],
      },
      { signal, onTime },
    ),
  )
  const bytes = await readFile(raw)
  const size = bytesOf(plan)
  const taken = Array.from({ length: Math.floor(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
  const times = result.lines.flatMap(line => {
    const [, time] = /_showinfo_\d+ .* pts_time:\s*(-?[\d.]+)/.exec(line) ?? []
    return time === undefined ? [] : [Number(time)]
  })
  const picks =
    decoded === 'default'
      ? taken.map((_, at) => at)
      : pickForTiles(times.slice(0, taken.length), plan, duration)
  if (!picks) return undefined
  return {
    tiles: picks.map(at => taken[at]!),
    pale,
    async stills(tile) {
      const number = String(picks[tile]! + 1)
      return { large: still('large', number), small: still('small', number) }
    },
  }
}

/** Selects at most one picture for each tile. */
function spaced({ interval }: TilePlan): string {
  return `(isnan(prev_selected_t)+gte(t-prev_selected_t\\,${0.9 * interval}))`
}

/** Decodes only the key frame before a time. */
const seekOptions = ({ interval }: TilePlan) => [
  ...[...UNDAMAGED, '-noaccurate_seek', '-t', (2 * interval).toFixed(3)],
]

/** Seeks to the key frame before the middle of each tile, so that the cost does not grow with the duration. */
export async function takeBySeeking(frames: FrameSource): Promise<TakenPictures> {
  const { context, picture, timeline, duration, plan, sizes } = frames
  const { directory, progress } = context
  const times = Array.from({ length: plan.count }, (_, tile) => timeOf(tile, plan, duration) + timeline.lead)
  // One run takes several pictures: starting ffmpeg costs more than decoding one.
  const fitting = Math.floor(MAX_PIXELS_PER_RUN / ((picture.width ?? 1) * (picture.height ?? 1)))
  const together = Math.min(MAX_PICTURES_PER_RUN, Math.max(1, fitting))
  const tiles: Buffer[] = []
  let anyPale = false
  for (let from = 0; from < times.length; from += together) {
    const seeks = times.slice(from, from + together)
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

interface SoughtPicture {
  /** Index of the seek that it belongs to. */
  readonly input: number
  readonly path: string
  readonly size: Size
  readonly format: string
}

/** Writes the picture at each time, if it can be decoded. @returns whether HDR was not converted. */
async function seekTo(
  { context, source, picture, plan }: FrameSource,
  seeks: readonly number[],
  pictures: readonly SoughtPicture[],
): Promise<boolean> {
  const taking = withTones({ picture, context }, toneMap =>
    runFfmpeg(
      {
        input: source,
        inputOptions: seekOptions(plan),
        seeks,
        largePictures: isLarge(picture),
        outputs: pictures.map(({ input, path, size, format }) => ({
          map: [`${input}:${picture.index}`],
          videoFilters: [`select='${IS_INTRA}'`, ...pictureFilters(picture, size, { toneMap, jpeg: true })],
          options: ['-frames:v', '1', ...(format === 'image2' ? JPEG : [])],
          format,
          path,
        })),
      },
      { signal: context.signal },
    ),
  )
  return taking.then(
    ({ pale }) => pale,
    error => {
      passOver(error)
      return false
    },
  )
}

function passOver(error: unknown): asserts error is StepError {
  if (!(error instanceof StepError) || error.retryable) throw error
}

/** Maps the tones of an HDR picture. If ffmpeg cannot do it, the colours are a little pale. */
async function withTones<T>(
  { picture, context }: Pick<FrameSource, 'picture' | 'context'>,
  take: (toneMap: boolean) => Promise<T>,
): Promise<{ result: T; pale: boolean }> {
  if (!picture.hdr) return { result: await take(false), pale: false }
  try {
    return { result: await take(true), pale: false }
  } catch (error) {
    passOver(error)
    const cause = error.cause instanceof Error ? error.cause.message.slice(-1000) : undefined
    context.log.info({ error: error.message, cause }, 'tone mapping of a picture failed')
    return { result: await take(false), pale: true }
  }
}
