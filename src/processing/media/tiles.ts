import { timecode } from '../../base/timecode.ts'

/** The most tiles of a storyboard, however long the video is. */
const MAX_TILES = 100
/**
 * Up to this many seconds every picture is decoded, in one go. Of longer videos one key frame a tile is sought, so that the time it
 * takes does not grow with the length.
 */
const SHORT = 120
/** The shortest time that a tile stands for, in seconds, of short videos and of long ones, where each tile costs a start of ffmpeg. */
const MIN_INTERVAL = { short: 2, long: 10 }
/** Pixels of a tile's longer side. */
const LONGER_SIDE = 160
const COLUMNS = 10

/** How a storyboard is laid out: tiles of one size, each for the same stretch of time, row by row. */
export interface TilePlan {
  readonly count: number
  /** Whether key frames stand for what is around them. */
  readonly keyFrames: boolean
  /** Seconds that a tile stands for. */
  readonly interval: number
  /** Pixels of a tile. */
  readonly width: number
  readonly height: number
  readonly columns: number
  readonly rows: number
}

/** @param duration in seconds. @param width and @param height of the video in pixels as displayed. */
export function planTiles(duration: number, width: number, height: number): TilePlan {
  const keyFrames = duration > SHORT
  const interval = Math.max(keyFrames ? MIN_INTERVAL.long : MIN_INTERVAL.short, duration / MAX_TILES)
  // A stretch that is hardly there makes no tile of its own.
  const count = Math.min(MAX_TILES, Math.max(1, Math.ceil(duration / interval - 0.1)))
  const factor = LONGER_SIDE / Math.max(width, height, 1)
  return {
    count,
    keyFrames,
    interval,
    width: even(width * factor),
    height: even(height * factor),
    columns: Math.min(COLUMNS, count),
    rows: Math.ceil(count / COLUMNS),
  }
}

/** Seconds at which a tile's picture is taken: the middle of what it stands for. */
export function timeOf(tile: number, { count, interval }: TilePlan, duration: number): number {
  const end = tile === count - 1 ? Math.max(duration, tile * interval) : (tile + 1) * interval
  return (tile * interval + end) / 2
}

/**
 * Picks a picture for each tile: the last before its middle, else the first behind. @param times in seconds, of the pictures that there are.
 * @returns their numbers; undefined if one is further from its tile than a tile is long.
 */
export function pickForTiles(
  times: readonly number[],
  plan: TilePlan,
  duration: number,
): number[] | undefined {
  const picks: number[] = []
  for (let tile = 0; tile < plan.count; tile++) {
    const middle = timeOf(tile, plan, duration)
    const near = (at: number) => Math.abs((times[at] ?? Number.POSITIVE_INFINITY) - middle) <= plan.interval
    const before = times.findLastIndex(time => time <= middle)
    const pick = [before, before + 1].find(near)
    if (pick === undefined) return undefined
    picks.push(pick)
  }
  return picks
}

/** Bytes of a tile as YUV 4:2:0. */
export function bytesOf({ width, height }: TilePlan): number {
  return (width * height * 3) / 2
}

/** Luma of black and a little noise, on a scale to 255. */
const DARK = 19
/** Standard deviation of luma below which a picture shows next to nothing. */
const FLAT = 7

/**
 * Chooses the picture that stands for a video: the first that is neither dark nor flat, not of the very beginning where that can be;
 * else the brightest. @param luma of each tile, a byte a pixel. @returns its number.
 */
export function chooseTile(luma: readonly Uint8Array[]): number {
  const seen = luma.map(measureLuma)
  const shows = seen.map(({ mean, deviation }) => mean >= DARK && deviation >= FLAT)
  const first = Math.floor(luma.length / 10)
  const later = shows.indexOf(true, first)
  if (later >= 0) return later
  const any = shows.indexOf(true)
  if (any >= 0) return any
  const means = seen.map(({ mean }) => mean)
  return means.indexOf(Math.max(...means))
}

function measureLuma(luma: Uint8Array): { mean: number; deviation: number } {
  let sum = 0
  let squares = 0
  for (const value of luma) {
    sum += value
    squares += value * value
  }
  const mean = sum / luma.length
  return { mean, deviation: Math.sqrt(Math.max(0, squares / luma.length - mean * mean)) }
}

/** The thumbnails as a WebVTT track whose cues name a part of the sheet by a media fragment (W3C Media Fragments §4.2.2). */
export function renderTiles(plan: TilePlan, count: number, duration: number, sheet: string): string {
  const cues = Array.from({ length: count }, (_, tile) => {
    const end =
      tile === count - 1 ? Math.max(duration, tile * plan.interval + 0.001) : (tile + 1) * plan.interval
    const x = (tile % plan.columns) * plan.width
    const y = Math.floor(tile / plan.columns) * plan.height
    return `${timecode(Math.round(tile * plan.interval * 1000))} --> ${timecode(Math.round(end * 1000))}\n${sheet}#xywh=${x},${y},${plan.width},${plan.height}\n`
  })
  return `WEBVTT\n\n${cues.join('\n')}`
}

function even(length: number): number {
  return Math.max(2, 2 * Math.round(length / 2))
}
