import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runFfmpeg } from '../programs/ffmpeg.ts'
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
import { cutStart, DAMAGE_ALLOWED, shiftOptions } from './rendition.ts'
import { bytesOf, pickForTiles, type TilePlan } from './tiles.ts'

/**
 * The frames to decode: key frames (`nokey`), all that other frames depend on (`bidir`), or all (`default`). A decoder that cannot skip frames
 * decodes too many, never too few.
 */
export type DecodedFrames = 'nokey' | 'bidir' | 'default'

/**
 * Extracts a frame for each tile in one pass over the file.
 * @returns undefined if the decoded frames are too far from the tiles in time. @throws StepError
 */
export async function extractInOnePass(
  frames: FrameSource,
  decoded: DecodedFrames,
): Promise<ExtractedFrames | undefined> {
  const { context, source, picture, timeline, duration, plan, sizes } = frames
  const { signal, progress, directory } = context
  const raw = join(directory, 'tiles.yuv')
  const still = (name: string, number: string) => join(directory, `${name}-${number}.jpg`)
  const onTime = (seconds: number) => progress((90 * seconds) / duration)
  const selection = {
    // Also outputs a frame if the video is shorter than a tile.
    default: `fps=${1 / plan.interval}:start_time=0:eof_action=pass`,
    nokey: `select='${IS_INTRA}*${onePerTile(plan)}'`,
    bidir: `select='${onePerTile(plan)}'`,
  }[decoded]
  const graph = (toneMap: boolean) => {
    const filters = [
      ...cutStart('trim', timeline.picture),
      selection,
      ...pictureFilters(picture, sizes.large, { toneMap, jpeg: true }),
    ]
    const scale = ({ width, height }: Size) => `scale=${width}:${height}`
    return [
      `[0:${picture.index}]${filters.join()},split=3[large][two][three]`,
      `[two]${scale(sizes.small)}[small]`,
      `[three]${scale(plan)},showinfo=checksum=0[tiles]`,
    ]
  }
  const options = [
    ...DAMAGE_ALLOWED,
    '-vsync',
    'passthrough',
    '-frames:v',
    String(decoded === 'default' ? plan.count : 2 * plan.count),
  ]
  const images = (name: string) => ({
    map: [`[${name}]`],
    options: [...options, ...JPEG_QUALITY],
    format: 'image2',
    path: still(name, '%d'),
  })
  const { result, pale } = await withToneMapping(frames, toneMap =>
    runFfmpeg(
      {
        input: source,
        inputOptions: [
          ...shiftOptions(timeline),
          ...(decoded === 'nokey' ? UNDAMAGED_KEYS : ['-skip_frame', decoded]),
        ],
        largePictures: isLarge(picture),
        complexFilters: graph(toneMap),
        outputs: [
          { map: ['[tiles]'], options, format: 'rawvideo', path: raw },
          images('large'),
          images('small'),
        ],
      },
      { signal, onTime },
    ),
  )
  const extracted = splitFrames(await readFile(raw), bytesOf(plan))
  const times = readTimes(result.lines).slice(0, extracted.length)
  const picks = decoded === 'default' ? extracted.map((_, at) => at) : pickForTiles(times, plan, duration)
  if (!picks) return undefined
  return {
    tiles: picks.map(at => extracted[at]!),
    pale,
    async stills(tile) {
      const number = String(picks[tile]! + 1)
      return { large: still('large', number), small: still('small', number) }
    },
  }
}

/** A filter expression for at most one frame per tile. */
function onePerTile({ interval }: TilePlan): string {
  return `(isnan(prev_selected_t)+gte(t-prev_selected_t\\,${0.9 * interval}))`
}

function splitFrames(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
}

/** Reads the messages of the filter `showinfo`. @returns seconds. */
function readTimes(lines: readonly string[]): number[] {
  return lines.flatMap(line => {
    const [, time] = /_showinfo_\d+ .* pts_time:\s*(-?[\d.]+)/.exec(line) ?? []
    return time === undefined ? [] : [Number(time)]
  })
}
