import type { Packet } from './inspect.ts'

/** A summary of a file's packets. A day of sound has millions, so none is kept. */
export interface Clock {
  /** By the index of the stream. */
  readonly streams: Map<number, SeenStream>
  /** Seconds to add to the file's clock since its last restart; undefined for containers whose clock never restarts. */
  offset: number | undefined
  /** Streams whose presentation begins at 0; earlier packets are not presented. */
  readonly fromZero: ReadonlySet<number>
}

export interface SeenStream {
  readonly all: Range
  /** Packets that are presented: those before the first key frame are not. */
  readonly shown: Range
  /** Time of the first key frame. */
  keyTime: number | undefined
  /** Whether a packet at the beginning is not presented. */
  begun: boolean
}

interface Range {
  count: number
  first: number
  last: number
  lastDuration: number
}

/** A clock that steps back or leaps by more has restarted: pictures are out of order by less than a second. */
const STEP_BACK_S = 1
/** ffmpeg's own limit: it closes longer gaps in such containers (`-dts_delta_threshold`). */
const LEAP_S = 10
/** No later packet proves the last one's duration: a longer one is taken for a mistake. */
export const LONGEST_LAST_S = 3600
/** The same for a duration that is estimated from the packets before. */
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
  // Leading pictures follow a key frame in the file, are shown before it, and depend on pictures before it.
  const undecodable = seen.keyTime === undefined || time < seen.keyTime - ROUNDING_S
  if (!hidden && !undecodable) extend(seen.shown, time, packet.duration)
  else if (seen.shown.count === 0 || undecodable) seen.begun = true
}

/** The times at which a stream is presented, on the file's clock. */
export function timesOf(seen: SeenStream) {
  // Some recorders mark no key frames.
  const unmarked = seen.keyTime === undefined
  const range = unmarked ? seen.all : seen.shown
  if (range.count === 0) return undefined
  const { first, last, lastDuration } = range
  const mean = meanOf(range)
  const isPlausible = lastDuration > 0 && lastDuration <= LONGEST_LAST_S
  const length = isPlausible ? lastDuration : Math.min(mean, Math.max(LONGEST_GUESS_S, mean))
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

/** Mean seconds from one packet to the next. */
function meanOf({ count, first, last }: Range): number {
  return count > 1 ? (last - first) / (count - 1) : 0
}
