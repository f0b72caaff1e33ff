import type { StreamFacts } from '../../database/tables/videos.ts'
import { isDecoded } from '../programs/codecs.ts'
import type { MediaInfo, MediaStream } from './media-info.ts'

/** Codecs of moving pictures that are also used for covers and slides. */
const STILL_CODECS = ['mjpeg', 'png', 'bmp', 'gif', 'apng', 'webp', 'jpeg2000']

/** Titles of sounds that are not the film's own, for files without flags. */
const COMMENTARY_TITLE =
  /comment|kommentar|descri[pb]|karaoke|\bdub|isolated|director|réalisateur|regie|\bDVS\b|\bAD\b|hörfilm/i

/** A sound of more channels is the mix of a film, and not one of several microphones. */
const MAX_MICROPHONE_CHANNELS = 2
/** Sounds that are transcribed together. */
const MAX_MIXED_SOUNDS = 8

/** Pictures of each stream that were counted, by the stream's index. */
export type Counts = ReadonlyMap<number, number>

/** Whether pictures must be counted to find out which stream is the film. */
export function needsCounts({ tracks }: MediaInfo): boolean {
  const pictures = tracks.filter(({ kind }) => kind === 'video')
  return pictures.length > 1 || pictures.some(({ codec }) => STILL_CODECS.includes(codec))
}

/**
 * Chooses the streams to play and process, and puts them first in `streams`: the default picture stream, else the one with the most
 * pictures (a single still is a cover), and the default sound that is no commentary.
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
    .toSorted(
      (a, b) =>
        Number(isCommentary(a)) - Number(isCommentary(b)) || Number(b.isDefault) - Number(a.isDefault),
    )
  return { ...info, tracks, streams: [...pictures, ...sounds] }
}

/** Repeats the choice of `probe`, which also counted pictures and looked for silent tracks. Rows of older versions have no choice. */
export function withChosenStreams(info: MediaInfo, facts: readonly StreamFacts[]): MediaInfo {
  const chosen = new Set(facts.filter(({ selected }) => selected).map(({ index }) => index))
  const isFirst = ({ index }: MediaStream) => chosen.has(index)
  const first = info.tracks.filter(isFirst).map(playable)
  return { ...info, streams: [...first, ...info.streams.filter(stream => !isFirst(stream))] }
}

function playable(track: MediaStream): MediaStream {
  return track.kind === 'image' ? { ...track, kind: 'video' } : track
}

/** Commentaries, audio descriptions and the like. */
function isCommentary({ isCommentary, title = '' }: MediaStream): boolean {
  return isCommentary || COMMENTARY_TITLE.test(title)
}

/**
 * The sounds that are transcribed together with the main one: some recorders write a track for each microphone. Other languages,
 * commentaries and mixes of a film are not among them.
 */
export function mixedWith(main: MediaStream, { streams }: MediaInfo): MediaStream[] {
  const isPart = (each: MediaStream) =>
    each.kind === 'audio' &&
    each.index !== main.index &&
    (each.channels ?? 1) <= MAX_MICROPHONE_CHANNELS &&
    each.language === main.language &&
    !isCommentary(each)
  if ((main.channels ?? 1) > MAX_MICROPHONE_CHANNELS || isCommentary(main)) return []
  return streams.filter(isPart).slice(0, MAX_MIXED_SOUNDS - 1)
}
