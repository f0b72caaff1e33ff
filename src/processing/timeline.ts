import { stat } from 'node:fs/promises'
import type { StreamFacts } from '../database/schema.ts'
import { asChosen } from './choose-streams.ts'
import { recognise } from './container.ts'
import { inspect, inspectPackets, type Packet, readPackets } from './inspect.ts'
import { type Layout, readLayout } from './layout.ts'
import { type MediaInfo, pictureOf, soundOf } from './media-info.ts'

/** Where a stream ends, in seconds from the start of its file. */
export interface StreamEnd {
  /** When its last picture is shown, or its last packet of sound begins. */
  readonly last: number
  readonly end: number
}

/** How long a file really is: what its packets say, whatever its header does. */
export interface Timeline {
  /** Seconds; undefined where there is not one packet with a time. */
  readonly duration: number | undefined
  readonly picture: StreamEnd | undefined
  readonly sound: StreamEnd | undefined
}

/** Containers whose packets bear times that are the same wherever one begins to read. */
const TIMED = ['mov', 'matroska', 'avi', 'asf', 'wav', 'flv']
/** Containers that begin anew within a file: people join them by joining their bytes, and Ogg is made for it (RFC 3533 §4). */
const JOINED = ['mpegts', 'mpeg', 'ogg']
/** Seconds by which their clock steps back or leaps, at least, where it begins anew: pictures are out of order by less than the one. */
const STEP_BACK = 1
/** As ffmpeg has it, which closes longer gaps in these (`-dts_delta_threshold`). */
const LEAP = 10
/** Seconds before the end that a header tells from which on packets are read. */
const TAIL = 5
/** A last packet counts for no longer than this, in seconds, or the mean of those before: it has no other behind it that proves it. */
const LONGEST_LAST = 1

/** Bytes up to which all packets are read at once with the headers. */
const SMALL = 8 * 2 ** 20

/** All that is to be known of a file without decoding it. */
export interface Examined {
  readonly info: MediaInfo
  readonly layout: Layout
  readonly timeline: Timeline
}

/**
 * Looks into a file and measures it by its packets. Where there is an index, only those are read that lie behind the end that the header
 * tells, or a little before: a header that tells too much is found out because nothing is there, one that tells too little because more
 * is. Small files, and those without an index or a duration, are read whole, at the speed of the disk. Where a clock begins anew, as in
 * files that were joined, time goes on, as it does in what ffmpeg makes of them.
 * @param chosen the streams that `probe` chose. @throws StepError `unsupported_media` where it cannot be opened.
 */
export async function examine(
  path: string,
  signal: AbortSignal,
  chosen: readonly StreamFacts[] = [],
): Promise<Examined> {
  const { size } = await stat(path)
  const seen: Seen = { streams: new Map(), offset: JOINED.includes(await recognise(path)) ? 0 : undefined }
  const note = (packet: Packet) => notePacket(seen, packet)
  if (size <= SMALL) {
    const info = asChosen(await inspectPackets(path, note, signal), chosen)
    return { info, layout: await readLayout(path, info.format), timeline: timelineOf(info, seen) }
  }
  const info = asChosen(await inspect(path, signal), chosen)
  const layout = await readLayout(path, info.format)
  const { duration = 0 } = info
  if (layout.indexed && TIMED.includes(info.format.split(',')[0]!) && duration > 2 * TAIL) {
    await readPackets(path, info.start + duration - TAIL, note, signal)
    const timeline = timelineOf(info, seen)
    if (timeline.duration !== undefined) return { info, layout, timeline }
    seen.streams.clear()
  }
  await readPackets(path, undefined, note, signal)
  return { info, layout, timeline: timelineOf(info, seen) }
}

interface SeenPackets {
  count: number
  first: number
  last: number
  lastDuration: number
}

interface Seen {
  /** By the stream. A day of sound has millions of packets: none is kept. */
  readonly streams: Map<number, SeenPackets>
  /** Seconds that are added to what the clock tells since it began anew; undefined where clocks do not. */
  offset: number | undefined
}

function notePacket(all: Seen, { stream, time: told, duration }: Packet): void {
  const seen = all.streams.get(stream)
  const time = told + (all.offset ?? 0)
  if (!seen) {
    all.streams.set(stream, { count: 1, first: time, last: time, lastDuration: duration })
    return
  }
  const jump = time - seen.last - (seen.lastDuration || meanOf(seen))
  if (all.offset !== undefined && (jump < -STEP_BACK || jump > LEAP)) {
    all.offset -= jump
    notePacket(all, { stream, time: told, duration })
    return
  }
  seen.count++
  seen.first = Math.min(seen.first, time)
  if (time < seen.last) return
  seen.last = time
  seen.lastDuration = duration
}

/** Seconds from one packet to the next. */
function meanOf({ count, first, last }: SeenPackets): number {
  return count > 1 ? (last - first) / (count - 1) : 0
}

function timelineOf(info: MediaInfo, { streams }: Seen): Timeline {
  const endOf = (index: number | undefined): StreamEnd | undefined => {
    const seen = streams.get(index ?? -1)
    if (!seen) return undefined
    const mean = meanOf(seen)
    const last = seen.last - info.start
    return { last, end: last + Math.min(seen.lastDuration || mean, Math.max(LONGEST_LAST, mean)) }
  }
  const picture = endOf(pictureOf(info)?.index)
  const sound = endOf(soundOf(info)?.index)
  const duration = Math.max(picture?.end ?? 0, sound?.end ?? 0)
  return { duration: duration > 0 ? duration : undefined, picture, sound }
}
