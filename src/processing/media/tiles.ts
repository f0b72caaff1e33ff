import { timecode } from '../../base/timecode.ts'
import { evenLength } from './picture-filters.ts'

/** Limit of tiles, however long the video is. */
const MAX_TILES = 100
/** In longer videos, we seek to one key frame for each tile instead of decoding every frame. */
const SHORT_VIDEO_S = 120
/** The shortest time that a tile covers. In long videos each tile costs a seek. */
const MIN_INTERVAL_S = { short: 2, long: 10 }
/** A tile's longer side. */
const LONGER_SIDE_PX = 160
const COLUMNS = 10

/** The arrangement of a storyboard: tiles of one size, each for the same time, row by row. */
export interface TilePlan {
  readonly count: number
  /** Whether only key frames are shown. */
  readonly keyFrames: boolean
  /** Seconds that a tile covers. */
  readonly interval: number
  /** Pixels of a tile. */
  readonly width: number
  readonly height: number
  readonly columns: number
  readonly rows: number
}

/** @param duration in seconds. @param width and @param height of the video in pixels as displayed. */
export function planTiles(duration: number, width: number, height: number): TilePlan {
  const keyFrames = duration > SHORT_VIDEO_S
  const interval = Math.max(keyFrames ? MIN_INTERVAL_S.long : MIN_INTERVAL_S.short, duration / MAX_TILES)
  // A very short remainder gets no tile of its own.
  const count = Math.min(MAX_TILES, Math.max(1, Math.ceil(duration / interval - 0.1)))
  const factor = LONGER_SIDE_PX / Math.max(width, height, 1)
  return {
    count,
    keyFrames,
    interval,
    width: evenLength(width * factor),
    height: evenLength(height * factor),
    columns: Math.min(COLUMNS, count),
    rows: Math.ceil(count / COLUMNS),
  }
}

/** The time of a tile's frame in seconds: the middle of the time that the tile covers. */
export function timeOf(tile: number, { count, interval }: TilePlan, duration: number): number {
  const end = tile === count - 1 ? Math.max(duration, tile * interval) : (tile + 1) * interval
  return (tile * interval + end) / 2
}

/**
 * Picks a frame for each tile: the last before its middle, or else the first after it. @param times of the frames, in seconds.
 * @returns their indexes; undefined if a frame is further from its tile than a tile is long.
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

/** @returns bytes of a tile as YUV 4:2:0. */
export function bytesOf({ width, height }: TilePlan): number {
  return (width * height * 3) / 2
}

/** Mean luma of a black picture with a little noise, from 0 to 255. */
const DARK_LUMA_LEVEL = 19
/** A picture with a lower standard deviation of luma shows almost nothing. */
const FLAT_DEVIATION_LEVELS = 7

/**
 * Chooses the tile for the poster: the first that is neither dark nor flat, if possible after the first tenth of the video; otherwise the
 * brightest.
 * @param luma of each tile, one byte per pixel. @returns its index.
 */
export function chooseTile(luma: readonly Uint8Array[]): number {
  const measured = luma.map(measureLuma)
  const isClear = measured.map(
    ({ mean, deviation }) => mean >= DARK_LUMA_LEVEL && deviation >= FLAT_DEVIATION_LEVELS,
  )
  const first = Math.floor(luma.length / 10)
  const later = isClear.indexOf(true, first)
  if (later >= 0) return later
  const any = isClear.indexOf(true)
  if (any >= 0) return any
  const means = measured.map(({ mean }) => mean)
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

/** The storyboard as a WebVTT track. Each cue is the URL of a part of the sheet (W3C Media Fragments §4.2.2). */
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
