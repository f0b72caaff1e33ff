import { PADDING_S, type Presentation } from './edit-list.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'
import {
  LONGEST_LAST_S,
  type PacketSummary,
  ROUNDING_S,
  type StreamSummary,
  timesOf,
} from './packet-times.ts'

/** The times at which a stream is presented, in seconds from the start of the presentation. */
export interface StreamTimes {
  readonly first: number
  /** The start of its last picture or last audio packet. */
  readonly last: number
  readonly end: number
  /** Whether packets before `first` are not presented, because they cannot be decoded or an edit list removes them. */
  readonly hasHiddenStart: boolean
  /** Whether an edit list removes a part of the media, repeats it, or changes its speed. */
  readonly edited: boolean
}

/** How a file is presented, by its packets and edit lists. The header may declare something else. */
export interface Timeline {
  /** Seconds from the start of the presentation to its end; undefined if no packet has a time. */
  readonly duration: number | undefined
  /** Seconds from the start of the file, as FFmpeg reports it, to the start of the presentation. Negative if the presentation starts first. */
  readonly lead: number
  /** Seconds that the header declares, if the file contains less; otherwise undefined. */
  readonly declared: number | undefined
  readonly picture: StreamTimes | undefined
  readonly sound: StreamTimes | undefined
  /** Indexes of all streams that are `edited`. */
  readonly edited: readonly number[]
  /** Whether the tracks must be read one by one, because FFmpeg ends all tracks where the first one is cut off. */
  readonly needsSeparateReading: boolean
}

export interface MeasuredFile {
  readonly info: MediaInfo
  /** By the index of the stream. */
  readonly presentations: readonly (Presentation | undefined)[]
  /** Seconds that the file declares; 0 if it declares none. */
  readonly declared: number
}

/** Containers whose clock can restart within a file: files are often concatenated as bytes, and Ogg allows it (RFC 3533 §4). */
const CONCATENATED = ['mpegts', 'mpeg', 'ogg']
/** Containers in which audio starts before zero, by the delay of its codec. */
const DELAYED = /^(matroska|ogg)/
/** A file ends early if it lacks more than both of these: a time, and a share of the declared duration. */
const MISSING_S = 0.5
const MISSING_SHARE = 0.01

export function newSummary(
  container: string,
  presentations: readonly (Presentation | undefined)[],
): PacketSummary {
  const cut = presentations.flatMap((presentation, index) => ((presentation?.start ?? 0) > 0 ? [index] : []))
  return {
    streams: new Map(),
    offset: CONCATENATED.includes(container) ? 0 : undefined,
    fromZero: new Set(cut),
  }
}

/** @param tail whether only the packets near the end were read. */
export function timelineOf(file: MeasuredFile, { streams }: PacketSummary, { tail = false } = {}): Timeline {
  const { info, presentations, declared } = file
  const picture = onFileClock(pictureOf(info), streams, { file, tail })
  const sound = onFileClock(soundOf(info), streams, { file, tail })
  const used = [picture, sound].filter(times => times !== undefined)
  const tracks = mainTracks(info)
  // If every track starts with a delay, that time is part of the presentation.
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
    needsSeparateReading: false,
  }
}

/** The chosen picture and sound, if there are any. */
export function mainTracks(info: MediaInfo): MediaStream[] {
  return [pictureOf(info), soundOf(info)].filter(track => track !== undefined)
}

function onFileClock(
  stream: MediaStream | undefined,
  streams: ReadonlyMap<number, StreamSummary>,
  { file: { info, presentations }, tail }: { file: MeasuredFile; tail: boolean },
): StreamTimes | undefined {
  const summary = stream && streams.get(stream.index)
  const times = summary && timesOf(summary)
  if (!times) return undefined
  const presentation = presentations[stream.index]
  const end = stream.kind === 'video' ? endOf(times, presentation) : times.end
  const edited = isEdited(stream, presentation, summary)
  const known = tail ? { ...times, first: stream.start ?? info.start, hasHiddenStart: false } : times
  // The codec's delay (`CodecDelay` in WebM) lies before zero and is not audible.
  const first = stream.kind === 'audio' && DELAYED.test(info.format) ? Math.max(0, known.first) : known.first
  return { ...known, first, end, edited }
}

function isEdited(
  { kind }: MediaStream,
  presentation: Presentation | undefined,
  summary: StreamSummary | undefined,
): boolean {
  const allowedS = kind === 'video' ? ROUNDING_S : PADDING_S
  const whole = presentation?.whole ?? cutBeforeZero(presentation, summary) <= allowedS
  return !whole
}

/** @returns seconds that an edit list removes. In fragmented files, FFmpeg gives negative times to the removed packets. */
function cutBeforeZero(presentation: Presentation | undefined, summary: StreamSummary | undefined): number {
  return summary && (presentation?.start ?? 0) > 0 ? -summary.all.first : 0
}

/** If samples are stored in another order than they are shown, FFmpeg only estimates the duration of the last one. */
function endOf({ last, end }: { last: number; end: number }, presentation: Presentation | undefined): number {
  const declared = presentation?.end ?? end
  return declared > last && declared <= last + LONGEST_LAST_S ? declared : end
}
