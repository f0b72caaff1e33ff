import { stat } from 'node:fs/promises'
import type { StreamFacts } from '../../database/schema.ts'
import { recognise } from '../programs/container.ts'
import { UNTIMED } from '../programs/raw-streams.ts'
import { asChosen } from './choose-streams.ts'
import { type Layout, readLayout } from './container-layout.ts'
import { declaredByFragments } from './declared-duration.ts'
import { PADDING_S, type Presentation, readPresentations } from './edit-list.ts'
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

/** When a stream is presented, in seconds from the start of the presentation. */
export interface StreamTimes {
  readonly first: number
  /** When its last picture is shown, or its last packet of sound begins. */
  readonly last: number
  readonly end: number
  /** Whether packets before `first` are not presented: they cannot be decoded, or an edit list leaves them out. */
  readonly begun: boolean
  /** Whether an edit list leaves out a part of the media, repeats it, or changes its speed. */
  readonly edited: boolean
}

/** What a file presents and when, by its packets and edit lists, whatever its header says. */
export interface Timeline {
  /** Seconds from the start of the presentation to its end; undefined if not one packet has a time. */
  readonly duration: number | undefined
  /** Seconds from the time that FFmpeg takes for the start of the file to the start of the presentation; below zero if that is earlier. */
  readonly lead: number
  /** Seconds that the header declares, if less is there. */
  readonly declared: number | undefined
  readonly picture: StreamTimes | undefined
  readonly sound: StreamTimes | undefined
  /** Indexes of all streams of which an edit list leaves out a part, repeats it, or changes its speed. */
  readonly edited: readonly number[]
  /** Whether more is found if each track is read by itself: FFmpeg ends all of them where the first one is cut off. */
  readonly apart: boolean
}

/** Containers whose packets bear times that are the same wherever one begins to read. */
const TIMED = ['mov', 'matroska', 'avi', 'asf', 'wav', 'flv']
/** Containers that begin anew within a file: people join them by joining their bytes, and Ogg is made for it (RFC 3533 §4). */
const JOINED = ['mpegts', 'mpeg', 'ogg']
/** Containers whose headers declare a duration. FFmpeg guesses that of the others. */
const DECLARING = ['mov', 'matroska', 'avi', 'asf', 'flv', 'wav', 'flac']
/** Containers whose packets of sound begin before zero by the delay of their codec. */
const DELAYED = /^(matroska|ogg)/
/** Seconds before the end that a header tells from which on packets are read. */
const TAIL_S = 5
/** Bytes up to which all packets are read at once with the headers. */
const SMALL_BYTES = 8 * 2 ** 20
/** A file ends early if more than this many seconds of what it declares, and more than this share, are missing. */
const MISSING_S = 0.5
const MISSING_SHARE = 0.01

/** All that is to be known of a file without decoding it. */
export interface Examined {
  readonly info: MediaInfo
  readonly layout: Layout
  readonly timeline: Timeline
}

/**
 * Looks into a file and measures it by its packets. If there is an index, only those are read that lie behind the end that the header
 * tells, or a little before: a header that tells too much is found out because nothing is there, one that tells too little because more
 * is. Small files, and those without an index or a duration, are read whole, at the speed of the disk. Where a clock begins anew, as in
 * files that were joined, time goes on, as it does in what ffmpeg makes of them.
 * @param chosen the streams that `probe` chose. @throws StepError `unsupported_media` if it cannot be opened.
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
    ? await inspectPackets(path, untimed ? inTurn(note) : note, signal)
    : await inspect(path, signal)
  const info = asChosen(found, chosen)
  const layout = await readLayout(path, info.format)
  const demuxer = info.format.split(',')[0]!
  const fragments = container === 'mov' && !layout.indexed ? await declaredByFragments(path) : 0
  const told = DECLARING.includes(demuxer) ? Math.max(info.duration ?? 0, fragments) : 0
  const file: File = { info, presentations, told }
  const { duration = 0 } = info
  if (!small && layout.indexed && TIMED.includes(demuxer) && duration > 2 * TAIL_S) {
    await readPackets(path, { from: info.start + duration - TAIL_S }, note, signal)
    const timeline = timelineOf(file, clock, { tail: true })
    const all = [pictureOf(info) && timeline.picture, soundOf(info) && timeline.sound]
    // A stream that ends long before the others has no packet there.
    const complete = tracksOf(info).length === all.filter(times => times !== undefined).length
    if (complete && timeline.declared === undefined) return { info, layout, timeline }
    clock.streams.clear()
  }
  if (!small) await readPackets(path, {}, untimed ? inTurn(note) : note, signal)
  const timeline = timelineOf(file, clock)
  if (demuxer !== 'mov' || timeline.declared === undefined) return { info, layout, timeline }
  return { info, layout, timeline: await readApart(path, file, timeline, signal) }
}

/** Gives the packets of a stream that bears no times those of one after the other. */
function inTurn(note: (packet: Packet) => void): (packet: Packet) => void {
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
  /** Seconds that the file declares; 0 if it does not. */
  readonly told: number
}

/** Reads each track by itself. */
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
  const { info, presentations, told } = file
  const picture = onFileClock(pictureOf(info), streams, { file, tail })
  const sound = onFileClock(soundOf(info), streams, { file, tail })
  const used = [picture, sound].filter(times => times !== undefined)
  const tracks = tracksOf(info)
  // The time before all tracks begin is a part of the presentation as well.
  const delayed = tracks.length > 0 && tracks.every(({ index }) => (presentations[index]?.delay ?? 0) > 0)
  const start = delayed || used.length === 0 ? 0 : Math.min(...used.map(({ first }) => first))
  const relative = (times: StreamTimes | undefined) =>
    times && { ...times, first: times.first - start, last: times.last - start, end: times.end - start }
  const end = Math.max(0, ...used.map(times => times.end - start))
  const hidden = Math.max(
    0,
    ...tracks.map(({ index }) => cutBeforeZero(presentations[index], streams.get(index))),
  )
  const missing = told - hidden - end
  return {
    duration: end > 0 ? end : undefined,
    lead: used.length > 0 ? start - info.start : 0,
    declared: missing > Math.max(MISSING_S, MISSING_SHARE * told) ? told : undefined,
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
  // What a codec needs before its first sound (in WebM `CodecDelay`) lies before zero, and nobody hears it.
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

/** In fragments, FFmpeg leaves what an edit list cuts off before zero. @returns seconds. */
function cutBeforeZero(presentation: Presentation | undefined, seen: SeenStream | undefined): number {
  return seen && (presentation?.start ?? 0) > 0 ? -seen.all.first : 0
}

/** Of samples that are shown out of order, FFmpeg only guesses how long the last one is shown. */
function endOf({ last, end }: { last: number; end: number }, presentation: Presentation | undefined): number {
  const told = presentation?.end ?? end
  return told > last && told <= last + LONGEST_LAST_S ? told : end
}

function newClock(container: string, presentations: readonly (Presentation | undefined)[]): Clock {
  const cut = presentations.flatMap((presentation, index) => ((presentation?.start ?? 0) > 0 ? [index] : []))
  return {
    streams: new Map(),
    offset: JOINED.includes(container) ? 0 : undefined,
    fromZero: new Set(cut),
  }
}
