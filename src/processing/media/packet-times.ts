import type { Packet } from './inspect.ts'

/** What was seen of the packets of a file. A day of sound has millions: none is kept. */
export interface Clock {
  /** By the index of the stream. */
  readonly streams: Map<number, SeenStream>
  /** Seconds that are added to what the clock tells since it began anew; undefined if it never does. */
  offset: number | undefined
  /** Streams of which the presentation begins at 0, and packets before that are not presented. */
  readonly fromZero: ReadonlySet<number>
}

export interface SeenStream {
  readonly all: Range
  /** Packets that are presented if what comes before the first key frame is not. */
  readonly shown: Range
  /** When the first key frame is shown. */
  keyTime: number | undefined
  /** Whether a packet is left out at the beginning. */
  begun: boolean
}

interface Range {
  count: number
  first: number
  last: number
  lastDuration: number
}

/** Seconds by which a clock steps back or leaps, at least, where it begins anew: pictures are out of order by less than the one. */
const STEP_BACK_S = 1
/** As ffmpeg has it, which closes longer gaps in such containers (`-dts_delta_threshold`). */
const LEAP_S = 10
/** Nothing behind a last packet proves its duration: a longer one than this is taken for a mistake. */
export const LONGEST_LAST_S = 3600
/** The same for a duration that is a guess from those before. */
const LONGEST_GUESS_S = 1
/** Some containers round times to milliseconds. */
export const ROUNDING_S = 0.0015

export function notePacket(clock: Clock, packet: Packet): void {
  if (Number.isNaN(packet.time)) return
  const known = clock.streams.get(packet.stream)
  const seen = known ?? { all: emptyRange(), shown: emptyRange(), keyTime: undefined, begun: false }
  if (!known) clock.streams.set(packet.stream, seen)
  const { all } = seen
  const time = packet.time + (clock.offset ?? 0)
  const jump = time - all.last - (all.lastDuration || meanOf(all))
  if (clock.offset !== undefined && all.count > 0 && (jump < -STEP_BACK_S || jump > LEAP_S)) {
    clock.offset -= jump
    notePacket(clock, packet)
    return
  }
  extend(all, time, packet.duration)
  if (packet.key) seen.keyTime ??= time
  const hidden = packet.discarded || (clock.fromZero.has(packet.stream) && time < -ROUNDING_S)
  // Leading pictures are shown before the key frame that they follow in the file, and need pictures before it.
  const undecodable = seen.keyTime === undefined || time < seen.keyTime - ROUNDING_S
  if (!hidden && !undecodable) extend(seen.shown, time, packet.duration)
  else if (seen.shown.count === 0 || undecodable) seen.begun = true
}

/** When a stream is presented, on the clock of the file. */
export function timesOf(seen: SeenStream) {
  // Some recorders mark no key frames at all.
  const unmarked = seen.keyTime === undefined
  const range = unmarked ? seen.all : seen.shown
  if (range.count === 0) return undefined
  const { first, last, lastDuration } = range
  const mean = meanOf(range)
  const told = lastDuration > 0 && lastDuration <= LONGEST_LAST_S
  const length = told ? lastDuration : Math.min(mean, Math.max(LONGEST_GUESS_S, mean))
  return { first, last, end: last + length, begun: seen.begun && !unmarked }
}

function extend(range: Range, time: number, duration: number): void {
  range.count++
  range.first = Math.min(range.first, time)
  if (time < range.last) return
  range.last = time
  range.lastDuration = duration
}

function emptyRange(): Range {
  return { count: 0, first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, lastDuration: 0 }
}

/** Seconds from one packet to the next. */
function meanOf({ count, first, last }: Range): number {
  return count > 1 ? (last - first) / (count - 1) : 0
}
