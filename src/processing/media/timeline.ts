import { stat } from 'node:fs/promises'
import type { StreamFacts } from '../../database/tables/videos.ts'
import { recognise } from '../programs/container.ts'
import { UNTIMED } from '../programs/raw-streams.ts'
import { withChosenStreams } from './choose-streams.ts'
import { type ContainerLayout, readContainerLayout } from './container-layout.ts'
import { PADDING_S, type Presentation, readPresentations } from './edit-list.ts'
import { declaredByFragments } from './fragment-duration.ts'
import { inspect, inspectPackets, type Packet, readPackets } from './inspect.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'
import {
  type Clock,
  LONGEST_LAST_S,
  notePacket,
  ROUNDING_S,
  type SeenStream,
  timesOf,
} from './packet-times.ts'

/** The times at which a stream is presented, in seconds from the start of the presentation. */
export interface StreamTimes {
  readonly first: number
  /** The start of its last picture or last packet of sound. */
  readonly last: number
  readonly end: number
  /** Whether packets before `first` are not presented: they cannot be decoded, or an edit list removes them. */
  readonly begun: boolean
  /** Whether an edit list removes a part of the media, repeats it, or changes its speed. */
  readonly edited: boolean
}

/** The presentation of a file by its packets and edit lists, whatever its header declares. */
export interface Timeline {
  /** Seconds from the start of the presentation to its end; undefined if no packet has a time. */
  readonly duration: number | undefined
  /** Seconds from FFmpeg's start of the file to the start of the presentation; negative if the presentation begins earlier. */
  readonly lead: number
  /** Seconds that the header declares, if the file contains less. */
  readonly declared: number | undefined
  readonly picture: StreamTimes | undefined
  readonly sound: StreamTimes | undefined
  /** Indexes of all streams of which an edit list removes a part, repeats it, or changes its speed. */
  readonly edited: readonly number[]
  /** Whether the tracks must be read separately: FFmpeg ends all tracks when the first one is cut off. */
  readonly apart: boolean
}

/** Containers whose packets have the same times wherever reading begins. */
const TIMED = ['mov', 'matroska', 'avi', 'asf', 'wav', 'flv']
/** Containers whose clock can restart within a file: people join the bytes of several, and Ogg allows it (RFC 3533 §4). */
const JOINED = ['mpegts', 'mpeg', 'ogg']
/** Containers whose headers declare a duration. For the others, FFmpeg estimates it. */
const DECLARING = ['mov', 'matroska', 'avi', 'asf', 'flv', 'wav', 'flac']
/** Containers whose sound begins before zero by the delay of its codec. */
const DELAYED = /^(matroska|ogg)/
/** Packets are read from this long before the declared end. */
const TAIL_S = 5
/** Up to this size, all packets are read together with the headers. */
const SMALL_BYTES = 8 * 2 ** 20
/** A file ends early if more than both of these are missing of what it declares. */
const MISSING_S = 0.5
const MISSING_SHARE = 0.01

/** Everything that can be found out about a file without decoding it. */
export interface Examined {
  readonly info: MediaInfo
  readonly layout: ContainerLayout
  readonly timeline: Timeline
}

/**
 * Reads the headers of a file and measures it by its packets. With an index, only the packets from shortly before the declared end on are
 * read: if the header declares too much, there are none; if it declares too little, there are more. Small files, and those without an
 * index or a duration, are read as a whole. If a clock restarts, as in joined files, time continues, as in ffmpeg's output.
 * @param chosen the streams that `probe` chose. @throws StepError `unsupported_media` if the file cannot be opened.
 */
export async function examine(
  path: string,
  signal: AbortSignal,
  chosen: readonly StreamFacts[] = [],
): Promise<Examined> {
  const { size } = await stat(path)
  const container = await recognise(path)
  const presentations = container === 'mov' ? await readPresentations(path) : []
  const clock = newClock(container, presentations)
  const note = (packet: Packet) => notePacket(clock, packet)
  const untimed = UNTIMED.includes(container)
  const small = size <= SMALL_BYTES
  const found = small
    ? await inspectPackets(path, untimed ? withRunningTime(note) : note, signal)
    : await inspect(path, signal)
  const info = withChosenStreams(found, chosen)
  const layout = await readContainerLayout(path, info.format)
  const demuxer = info.format.split(',')[0]!
  const fragments = container === 'mov' && !layout.indexed ? await declaredByFragments(path) : 0
  const declared = DECLARING.includes(demuxer) ? Math.max(info.duration ?? 0, fragments) : 0
  const file: File = { info, presentations, declared }
  const { duration = 0 } = info
  if (!small && layout.indexed && TIMED.includes(demuxer) && duration > 2 * TAIL_S) {
    await readPackets(path, { from: info.start + duration - TAIL_S }, note, signal)
    const timeline = timelineOf(file, clock, { tail: true })
    const all = [pictureOf(info) && timeline.picture, soundOf(info) && timeline.sound]
    // A stream that ends long before the others has no packets there.
    const complete = tracksOf(info).length === all.filter(times => times !== undefined).length
    if (complete && timeline.declared === undefined) return { info, layout, timeline }
    clock.streams.clear()
  }
  if (!small) await readPackets(path, {}, untimed ? withRunningTime(note) : note, signal)
  const timeline = timelineOf(file, clock)
  if (demuxer !== 'mov' || timeline.declared === undefined) return { info, layout, timeline }
  return { info, layout, timeline: await readApart(path, file, timeline, signal) }
}

/** For a stream without times: each packet begins at the end of the one before. */
function withRunningTime(note: (packet: Packet) => void): (packet: Packet) => void {
  let time = 0
  return packet => {
    note({ ...packet, time })
    time += packet.duration
  }
}

interface File {
  readonly info: MediaInfo
  /** By the index of the stream. */
  readonly presentations: readonly (Presentation | undefined)[]
  /** Seconds that the file declares; 0 if it declares none. */
  readonly declared: number
}

/** Reads each track separately. */
async function readApart(
  path: string,
  file: File,
  together: Timeline,
  signal: AbortSignal,
): Promise<Timeline> {
  const clock = newClock('mov', file.presentations)
  for (const track of tracksOf(file.info)) {
    await readPackets(path, { stream: track.index }, packet => notePacket(clock, packet), signal)
  }
  const apart = timelineOf(file, clock)
  const more = (one: StreamTimes | undefined, other: StreamTimes | undefined) =>
    (one?.end ?? 0) > (other?.end ?? 0)
  const found = more(apart.picture, together.picture) || more(apart.sound, together.sound)
  return found ? { ...apart, apart: true } : together
}

/** @param tail whether only the packets of the end were read. */
function timelineOf(file: File, { streams }: Clock, { tail = false } = {}): Timeline {
  const { info, presentations, declared } = file
  const picture = onFileClock(pictureOf(info), streams, { file, tail })
  const sound = onFileClock(soundOf(info), streams, { file, tail })
  const used = [picture, sound].filter(times => times !== undefined)
  const tracks = tracksOf(info)
  // The time before all tracks begin is part of the presentation too.
  const delayed = tracks.length > 0 && tracks.every(({ index }) => (presentations[index]?.delay ?? 0) > 0)
  const start = delayed || used.length === 0 ? 0 : Math.min(...used.map(({ first }) => first))
  const relative = (times: StreamTimes | undefined) =>
    times && { ...times, first: times.first - start, last: times.last - start, end: times.end - start }
  const end = Math.max(0, ...used.map(times => times.end - start))
  const hidden = Math.max(
    0,
    ...tracks.map(({ index }) => cutBeforeZero(presentations[index], streams.get(index))),
  )
  const missing = declared - hidden - end
  return {
    duration: end > 0 ? end : undefined,
    lead: used.length > 0 ? start - info.start : 0,
    declared: missing > Math.max(MISSING_S, MISSING_SHARE * declared) ? declared : undefined,
    picture: relative(picture),
    sound: relative(sound),
    edited: info.tracks
      .filter(track => isEdited(track, presentations[track.index], streams.get(track.index)))
      .map(({ index }) => index),
    apart: false,
  }
}

function tracksOf(info: MediaInfo): MediaStream[] {
  return [pictureOf(info), soundOf(info)].filter(track => track !== undefined)
}

function onFileClock(
  stream: MediaStream | undefined,
  streams: ReadonlyMap<number, SeenStream>,
  { file: { info, presentations }, tail }: { file: File; tail: boolean },
): StreamTimes | undefined {
  const seen = stream && streams.get(stream.index)
  const times = seen && timesOf(seen)
  if (!times) return undefined
  const presentation = presentations[stream.index]
  const end = stream.kind === 'video' ? endOf(times, presentation) : times.end
  const edited = isEdited(stream, presentation, seen)
  const known = tail ? { ...times, first: stream.start ?? info.start, begun: false } : times
  // The codec's delay (`CodecDelay` in WebM) lies before zero and is not audible.
  const first = stream.kind === 'audio' && DELAYED.test(info.format) ? Math.max(0, known.first) : known.first
  return { ...known, first, end, edited }
}

function isEdited(
  { kind }: MediaStream,
  presentation: Presentation | undefined,
  seen: SeenStream | undefined,
): boolean {
  const whole =
    presentation?.whole ?? cutBeforeZero(presentation, seen) <= (kind === 'video' ? ROUNDING_S : PADDING_S)
  return !whole
}

/** In fragments, FFmpeg gives negative times to what an edit list cuts off. @returns seconds. */
function cutBeforeZero(presentation: Presentation | undefined, seen: SeenStream | undefined): number {
  return seen && (presentation?.start ?? 0) > 0 ? -seen.all.first : 0
}

/** If samples are not in the order of their display, FFmpeg only estimates the duration of the last one. */
function endOf({ last, end }: { last: number; end: number }, presentation: Presentation | undefined): number {
  const declared = presentation?.end ?? end
  return declared > last && declared <= last + LONGEST_LAST_S ? declared : end
}

function newClock(container: string, presentations: readonly (Presentation | undefined)[]): Clock {
  const cut = presentations.flatMap((presentation, index) => ((presentation?.start ?? 0) > 0 ? [index] : []))
  return {
    streams: new Map(),
    offset: JOINED.includes(container) ? 0 : undefined,
    fromZero: new Set(cut),
  }
}
