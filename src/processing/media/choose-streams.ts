import type { StreamFacts } from '../../database/schema.ts'
import { isDecoded } from '../programs/codecs.ts'
import type { MediaInfo, MediaStream } from './media-info.ts'

/** Codecs of pictures that also serve as covers and slides. */
const STILL_CODECS = ['mjpeg', 'png', 'bmp', 'gif', 'apng', 'webp', 'jpeg2000']

/** What titles of sounds say that are no part of what happens in the film, if no flag does. */
const ASIDE =
  /comment|kommentar|descri[pb]|karaoke|\bdub|isolated|director|réalisateur|regie|\bDVS\b|\bAD\b|hörfilm/i

/** Channels of a sound that can be one of several microphones; one of more is the mix of a film. */
const MOST_CHANNELS_MIXED = 2
/** Sounds that are heard together at most. */
const MOST_MIXED = 8

/** How many pictures a stream has, by its index, as far as that was counted. */
export type Counts = ReadonlyMap<number, number>

/** Whether pictures have to be counted to tell which stream is the film. */
export function needsCounts({ tracks }: MediaInfo): boolean {
  const pictures = tracks.filter(({ kind }) => kind === 'video')
  return pictures.length > 1 || pictures.some(({ codec }) => STILL_CODECS.includes(codec))
}

/**
 * Tells which streams are played and processed: `streams` begins with them. The picture is the default one, else the one with the most
 * pictures; a single still beside something else is a cover. The sound is the default one that is no commentary.
 */
export function chooseStreams(info: MediaInfo, counts: Counts): MediaInfo {
  const isStill = ({ kind, codec, index }: MediaStream) =>
    kind === 'video' && STILL_CODECS.includes(codec) && (counts.get(index) ?? 2) < 2
  const tracks = info.tracks.map(
    (track): MediaStream => (isStill(track) ? { ...track, kind: 'image' } : track),
  )
  const usable = tracks.filter(({ codec }) => isDecoded(codec))
  const area = ({ width = 0, height = 0 }: MediaStream) => width * height
  const pictures = usable
    .filter(({ kind }) => kind === 'video')
    .toSorted(
      (a, b) =>
        Number(b.isDefault) - Number(a.isDefault) ||
        (counts.get(b.index) ?? 0) - (counts.get(a.index) ?? 0) ||
        area(b) - area(a),
    )
  const sounds = usable
    .filter(({ kind }) => kind === 'audio')
    .toSorted((a, b) => Number(isAside(a)) - Number(isAside(b)) || Number(b.isDefault) - Number(a.isDefault))
  return { ...info, tracks, streams: [...pictures, ...sounds] }
}

/** The same choice as `probe` made, which has counted and listened as well. Rows of older versions tell none. */
export function asChosen(info: MediaInfo, facts: readonly StreamFacts[]): MediaInfo {
  const chosen = new Set(facts.filter(({ selected }) => selected).map(({ index }) => index))
  const isFirst = ({ index }: MediaStream) => chosen.has(index)
  const first = info.tracks.filter(isFirst).map(playable)
  return { ...info, streams: [...first, ...info.streams.filter(stream => !isFirst(stream))] }
}

function playable(track: MediaStream): MediaStream {
  return track.kind === 'image' ? { ...track, kind: 'video' } : track
}

/** Commentaries, descriptions of pictures and the like. */
function isAside({ isAside, title = '' }: MediaStream): boolean {
  return isAside || ASIDE.test(title)
}

/**
 * The sounds that are transcribed together with the main one: recorders write a track for each microphone. Another language, a
 * commentary or the mixes of a film are no such thing.
 */
export function mixedWith(main: MediaStream, { streams }: MediaInfo): MediaStream[] {
  const isPart = (each: MediaStream) =>
    each.kind === 'audio' &&
    each.index !== main.index &&
    (each.channels ?? 1) <= MOST_CHANNELS_MIXED &&
    each.language === main.language &&
    !isAside(each)
  if ((main.channels ?? 1) > MOST_CHANNELS_MIXED || isAside(main)) return []
  return streams.filter(isPart).slice(0, MOST_MIXED - 1)
}
