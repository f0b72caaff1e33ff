import type { PlaybackMethod } from '../../database/schema.ts'
import { UNTIMED } from '../programs/raw-streams.ts'
import type { Layout } from './container-layout.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'
import type { StreamTimes } from './timeline.ts'

/** One way to a rendition that plays and seeks in Chrome, Firefox and Safari. */
export interface Rung {
  readonly method: PlaybackMethod
  readonly container: 'mp4' | 'webm'
  readonly picture: Track | undefined
  readonly sound: Track | undefined
  /** Whether an HDR picture is brought to what ordinary displays show, for which ffmpeg may lack the filter. */
  readonly toneMap: boolean
}

/** When each track is presented, as far as that is known. */
export interface Times {
  readonly picture?: StreamTimes | undefined
  readonly sound?: StreamTimes | undefined
  /** Indexes of all streams of which an edit list leaves something out. */
  readonly edited?: readonly number[]
}

export interface Track {
  readonly stream: MediaStream
  /** Whether its packets are taken over as they are. */
  readonly copy: boolean
}

/** The largest picture that is taken over (H.264 level 5.2, what decoders in telephones take). */
const MAX_COPIED = 4096 * 2304
const MAX_LEVEL = 52
/** Seconds below which Chrome does not find a place in FLAC. */
const SHORTEST_FLAC = 5
/** Of sound that is not compressed, as Firefox has it. */
const MAX_CHANNELS = 8
const H264_PROFILES = [
  'Constrained Baseline',
  'Baseline',
  'Main',
  'High',
  'Progressive High',
  'Constrained High',
]
const AAC_PROFILES = ['LC', 'HE-AAC', 'HE-AACv2']

/**
 * The ways to a rendition of a source, the cheapest first: whoever takes them falls to the next where one does not hold.
 *
 * - `source`: it plays as it is. MP4 with its index in front, of 8-bit H.264 and AAC or MP3; WebM with cues and duration, of VP8 or VP9
 *   and Opus or Vorbis, which Safari plays since macOS 11.3 and iOS 17.4; sound alone also as MP3, FLAC and WAV.
 * - `remux`: the same codecs in another container, or without an index, as browsers' recorders and telephones write them.
 * - `transcode`: all else, of which a track that fits is still taken over. AV1 and HEVC are among it: Safari and Firefox lack a decoder on
 *   most of the machines that they run on.
 *
 * Of a track with an edit list that leaves something out, nothing is copied: the copy would hold what its owner cut off.
 */
export function ladder(info: MediaInfo, layout: Layout, times: Times = {}): Rung[] {
  const picture = pictureOf(info)
  const sound = soundOf(info)
  const container = picture ? containerOfPicture(picture) : containerOfSound(sound)
  const take = (stream: MediaStream | undefined, copy: boolean) => stream && { stream, copy }
  const copies = {
    // Without times, a copy would show its pictures in the order of decoding.
    picture:
      !picture || (fits(picture, container) && !times.picture?.edited && !UNTIMED.includes(info.format)),
    sound: !sound || (fits(sound, container) && !times.sound?.edited),
  }
  const rungs: Rung[] = []
  const all = copies.picture && copies.sound
  const asItIs = { container, picture: take(picture, true), sound: take(sound, true), toneMap: false }
  const plays = picture
    ? all && layout.plays === container
    : sound && soundPlays(sound, info, layout, container)
  // Whoever is served the source has all of its tracks.
  if (plays && areFirst(info) && !times.edited?.length) {
    rungs.push({ method: 'source', ...asItIs })
  }
  if (all) rungs.push({ method: 'remux', ...asItIs })
  const anew = { method: 'transcode', container: 'mp4' } as const
  const toneMap = picture?.hdr ?? false
  if (picture && sound) {
    // What is encoded goes into MP4, unless the other track fits into WebM only.
    const copy = { picture: take(picture, true), sound: take(sound, false), toneMap: false }
    if (copies.picture) rungs.push({ method: 'transcode', container, ...copy })
    if (copies.sound && fits(sound, 'mp4'))
      rungs.push({ ...anew, picture: take(picture, false), sound: take(sound, true), toneMap })
  }
  const tracks = { picture: take(picture, false), sound: take(sound, false) }
  rungs.push({ ...anew, ...tracks, toneMap })
  if (toneMap) rungs.push({ ...anew, ...tracks, toneMap: false })
  return rungs
}

/** Whether the chosen streams are the first of their kinds, which browsers play; a still before a film counts. */
function areFirst(info: MediaInfo): boolean {
  return [pictureOf(info), soundOf(info)].every(chosen => {
    const kinds = chosen?.kind === 'video' ? ['video', 'image'] : ['audio']
    return !chosen || info.tracks.find(({ kind }) => kinds.includes(kind))?.index === chosen.index
  })
}

function containerOfPicture(picture: MediaStream): 'mp4' | 'webm' {
  return fits(picture, 'webm') ? 'webm' : 'mp4'
}

function containerOfSound(sound: MediaStream | undefined): 'mp4' | 'webm' {
  return sound && fits(sound, 'webm') ? 'webm' : 'mp4'
}

/** Whether browsers decode a stream in a container. */
function fits(stream: MediaStream, container: 'mp4' | 'webm'): boolean {
  const { codec, profile = '', pixelFormat = '', level = 0, rotation, mirrored } = stream
  if (stream.kind === 'audio') {
    if (container === 'webm') return codec === 'opus' || codec === 'vorbis'
    return codec === 'mp3' || (codec === 'aac' && AAC_PROFILES.includes(profile))
  }
  if ((stream.width ?? 0) * (stream.height ?? 0) > MAX_COPIED) return false
  if (container === 'webm') {
    // Rotation has no place in WebM that browsers heed.
    return rotation === 0 && !mirrored && (codec === 'vp8' || (codec === 'vp9' && profile === 'Profile 0'))
  }
  return (
    codec === 'h264' &&
    H264_PROFILES.includes(profile) &&
    (pixelFormat === 'yuv420p' || pixelFormat === 'yuvj420p') &&
    level <= MAX_LEVEL &&
    !stream.interlaced &&
    !stream.hdr &&
    !mirrored &&
    rotation % 90 === 0
  )
}

/** Sound alone plays from containers that a picture would not. */
function soundPlays(
  sound: MediaStream,
  { duration = 0 }: MediaInfo,
  { plays }: Layout,
  container: 'mp4' | 'webm',
): boolean {
  if (plays === 'flac' && duration < SHORTEST_FLAC) return false
  if (plays === 'mp3' || plays === 'flac') return sound.codec === plays
  if (plays === 'wav') {
    return ['pcm_s16le', 'pcm_u8'].includes(sound.codec) && (sound.channels ?? 1) <= MAX_CHANNELS
  }
  return plays === container && fits(sound, container)
}
