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

/** What pictures are taken of. */
export interface Sight {
  readonly context: StepContext
  readonly source: string
  readonly picture: MediaStream
  readonly timeline: Timeline
  /** Seconds. */
  readonly duration: number
  readonly plan: TilePlan
  /** Pixels of the poster and of the one for lists. */
  readonly sizes: Readonly<Record<'large' | 'small', Size>>
}

/** The pictures of a storyboard, and the same ones as posters. */
export interface Pictures {
  /** Bytes as full-range YUV 4:2:0; none if nothing can be decoded there. */
  readonly tiles: readonly Buffer[]
  /** Whether the tiles are taken without HDR being brought to ordinary displays, because that failed. */
  readonly pale: boolean
  /** Writes the picture of a tile as two JPEGs. @returns their paths. */
  stills(tile: number): Promise<Record<'large' | 'small', string>>
}

/**
 * Which pictures are decoded: key frames, all but those that none depends on (`bidir`), or all. FFmpeg decodes too much where a decoder
 * does not know the difference, never too little.
 */
export type Decoded = 'nokey' | 'bidir' | 'default'

export const JPEG = ['-q:v', '3', '-update', '1']
/** A decoder that begins at a recovery point shows grey first; what is coded by itself is whole. */
const WHOLE = 'not(eq(pict_type\\,P)+eq(pict_type\\,B))'
/** A damaged key frame would be filled up with grey; the next one is better. */
const UNDAMAGED = ['-skip_frame', 'nokey', '-err_detect', 'explode']
/** Pixels of the pictures that are decoded at the same time: each of their decoders holds several. */
const PIXELS_TOGETHER = 16_000_000
const MOST_TOGETHER = 10

/**
 * Takes a picture for each tile in one pass over the file.
 * @returns undefined if the pictures that were decoded lie too far from the tiles. @throws StepError
 */
export async function takeInOnePass(sight: Sight, decoded: Decoded): Promise<Pictures | undefined> {
  const { context, source, picture, timeline, duration, plan, sizes } = sight
  const { signal, progress, directory } = context
  const raw = join(directory, 'tiles.yuv')
  const still = (name: string, number: string) => join(directory, `${name}-${number}.jpg`)
  const onTime = (seconds: number) => progress((90 * seconds) / duration)
  const choice = {
    // A film that is shorter than a tile has a picture as well.
    default: `fps=${1 / plan.interval}:start_time=0:eof_action=pass`,
    nokey: `select='${WHOLE}*${spaced(plan)}'`,
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
  const { result, pale } = await withTones(sight, toneMap =>
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

/** At most one picture a tile. */
function spaced({ interval }: TilePlan): string {
  return `(isnan(prev_selected_t)+gte(t-prev_selected_t\\,${0.9 * interval}))`
}

/** The key frame before a time, and nothing between them is decoded. */
const seekOptions = ({ interval }: TilePlan) => [
  ...[...UNDAMAGED, '-noaccurate_seek', '-t', (2 * interval).toFixed(3)],
]

/** Takes the key frame before the middle of each tile by its index, so that the time it takes does not grow with the length. */
export async function takeBySeeking(sight: Sight): Promise<Pictures> {
  const { context, picture, timeline, duration, plan, sizes } = sight
  const { directory, progress } = context
  const times = Array.from({ length: plan.count }, (_, tile) => timeOf(tile, plan, duration) + timeline.lead)
  // One run of ffmpeg takes several: it costs more to start than a picture to decode.
  const fitting = Math.floor(PIXELS_TOGETHER / ((picture.width ?? 1) * (picture.height ?? 1)))
  const together = Math.min(MOST_TOGETHER, Math.max(1, fitting))
  const tiles: Buffer[] = []
  let anyPale = false
  for (let from = 0; from < times.length; from += together) {
    const seeks = times.slice(from, from + together)
    const paths = seeks.map((_, index) => join(directory, `tile-${index}.yuv`))
    const outputs = paths.map((path, input) => ({ input, path, size: plan, format: 'rawvideo' }))
    anyPale = (await seekTo(sight, seeks, outputs)) || anyPale
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
      await seekTo(sight, [times[tile]!], outputs)
      return paths
    },
  }
}

interface SoughtPicture {
  /** Which of the places sought. */
  readonly input: number
  readonly path: string
  readonly size: Size
  readonly format: string
}

/** Writes the picture at each place, or nothing where none can be decoded. @returns whether HDR is pale. */
async function seekTo(
  { context, source, picture, plan }: Sight,
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
          videoFilters: [`select='${WHOLE}'`, ...pictureFilters(picture, size, { toneMap, jpeg: true })],
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

/** If ffmpeg cannot map the tones of an HDR picture, its colours are a little pale. */
async function withTones<T>(
  { picture, context }: Pick<Sight, 'picture' | 'context'>,
  take: (toneMap: boolean) => Promise<T>,
): Promise<{ result: T; pale: boolean }> {
  if (!picture.hdr) return { result: await take(false), pale: false }
  try {
    return { result: await take(true), pale: false }
  } catch (error) {
    passOver(error)
    const cause = error.cause instanceof Error ? error.cause.message.slice(-1000) : undefined
    context.log.info({ error: error.message, cause }, 'the tones of a picture cannot be mapped')
    return { result: await take(false), pale: true }
  }
}
