import type { Packet } from './inspect.ts'

/** A summary of a file's packets. A day of audio has millions, so the packets themselves are not kept. */
export interface PacketSummary {
  /** By the index of the stream. */
  readonly streams: Map<number, StreamSummary>
  /** Seconds to add to the file's clock since its last restart; undefined for containers whose clock never restarts. */
  offset: number | undefined
  /** Streams whose presentation begins at 0; earlier packets are not presented. */
  readonly fromZero: ReadonlySet<number>
}

export interface StreamSummary {
  readonly all: Range
  /** Packets that are presented. Those before the first key frame are not. */
  readonly shown: Range
  /** Time of the first key frame. */
  keyTime: number | undefined
  /** Whether packets at the start are not presented. */
  hasHiddenStart: boolean
}

interface Range {
  count: number
  first: number
  last: number
  lastDuration: number
}

/** A clock that steps back or leaps by more has restarted. Frames that are out of order are less than a second apart. */
const STEP_BACK_S = 1
/** ffmpeg's own limit: it closes longer gaps in such containers (`-dts_delta_threshold`). */
const LEAP_S = 10
/** No later packet confirms the duration of the last one, so a longer duration counts as a mistake. */
export const LONGEST_LAST_S = 3600
/** The same limit for a duration that is estimated from earlier packets. */
const LONGEST_GUESS_S = 1
/** Some containers round times to milliseconds. */
export const ROUNDING_S = 0.0015

export function notePacket(summary: PacketSummary, packet: Packet): void {
  if (Number.isNaN(packet.time)) return
  const known = summary.streams.get(packet.stream)
  const stream = known ?? {
    all: emptyRange(),
    shown: emptyRange(),
    keyTime: undefined,
    hasHiddenStart: false,
  }
  if (!known) summary.streams.set(packet.stream, stream)
  const { all } = stream
  const time = packet.time + (summary.offset ?? 0)
  const jump = time - all.last - (all.lastDuration || meanOf(all))
  if (summary.offset !== undefined && all.count > 0 && (jump < -STEP_BACK_S || jump > LEAP_S)) {
    summary.offset -= jump
    notePacket(summary, packet)
    return
  }
  extend(all, time, packet.duration)
  if (packet.key) stream.keyTime ??= time
  const hidden = packet.discarded || (summary.fromZero.has(packet.stream) && time < -ROUNDING_S)
  // Leading pictures are stored after a key frame and shown before it. They depend on earlier pictures.
  const undecodable = stream.keyTime === undefined || time < stream.keyTime - ROUNDING_S
  if (!hidden && !undecodable) extend(stream.shown, time, packet.duration)
  else if (stream.shown.count === 0 || undecodable) stream.hasHiddenStart = true
}

/** The times at which a stream is presented, on the file's clock. */
export function timesOf(stream: StreamSummary) {
  // Some recorders mark no key frames, so all packets count.
  const unmarked = stream.keyTime === undefined
  const range = unmarked ? stream.all : stream.shown
  if (range.count === 0) return undefined
  const { first, last, lastDuration } = range
  const mean = meanOf(range)
  const isPlausible = lastDuration > 0 && lastDuration <= LONGEST_LAST_S
  const length = isPlausible ? lastDuration : Math.min(mean, Math.max(LONGEST_GUESS_S, mean))
  return { first, last, end: last + length, hasHiddenStart: stream.hasHiddenStart && !unmarked }
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
