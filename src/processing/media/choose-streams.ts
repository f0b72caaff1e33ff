import type { StreamFacts } from '../../database/tables/videos.ts'
import { isDecoded } from '../programs/codecs.ts'
import type { MediaInfo, MediaStream } from './media-info.ts'

/** Video codecs that are also used for cover pictures and slides. */
const STILL_CODECS = ['mjpeg', 'png', 'bmp', 'gif', 'apng', 'webp', 'jpeg2000']

/** Titles of audio streams other than the main one, for files without flags. */
const COMMENTARY_TITLE =
  /comment|kommentar|descri[pb]|karaoke|\bdub|isolated|director|réalisateur|regie|\bDVS\b|\bAD\b|hörfilm/i

/** A stream with more channels is the mix of a film, not one of several microphones. */
const MAX_MICROPHONE_CHANNELS = 2
/** Limit of audio streams that are transcribed together, including the main one. */
const MAX_MIXED_STREAMS = 8

/** Number of frames in each stream, by the stream's index. */
export type FrameCounts = ReadonlyMap<number, number>

/** Whether frames must be counted to distinguish the video from a cover picture. */
export function needsCounts({ tracks }: MediaInfo): boolean {
  const pictures = tracks.filter(({ kind }) => kind === 'video')
  return pictures.length > 1 || pictures.some(({ codec }) => STILL_CODECS.includes(codec))
}

/**
 * Chooses the streams to play and process, and puts them first in `streams`: the default video stream or else the one with the most frames (a
 * stream with one frame is a cover picture), and the default audio stream that is not a commentary.
 */
export function chooseStreams(info: MediaInfo, counts: FrameCounts): MediaInfo {
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

/** Applies the choice that `probe` made with more information. Rows of older versions contain no choice. */
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
 * The audio streams that are transcribed together with the main one, because some recorders write one track per microphone. Other languages,
 * commentaries and film mixes are left out.
 */
export function companionsOf(main: MediaStream, { streams }: MediaInfo): MediaStream[] {
  const isPart = (each: MediaStream) =>
    each.kind === 'audio' &&
    each.index !== main.index &&
    (each.channels ?? 1) <= MAX_MICROPHONE_CHANNELS &&
    each.language === main.language &&
    !isCommentary(each)
  if ((main.channels ?? 1) > MAX_MICROPHONE_CHANNELS || isCommentary(main)) return []
  return streams.filter(isPart).slice(0, MAX_MIXED_STREAMS - 1)
}
