import type { PlaybackMethod } from '../../database/tables/videos.ts'
import { UNTIMED } from '../programs/raw-streams.ts'
import type { ContainerLayout } from './container-layout.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'
import type { StreamTimes } from './timeline.ts'

/** One way to make a rendition that plays and seeks in Chrome, Firefox and Safari. */
export interface Plan {
  readonly method: PlaybackMethod
  readonly container: 'mp4' | 'webm'
  readonly picture: Track | undefined
  readonly sound: Track | undefined
  /** Whether an HDR picture is converted for standard displays; ffmpeg may lack the filter. */
  readonly toneMap: boolean
}

/** The times at which each track is presented, if known. */
export interface TrackTimes {
  readonly picture?: StreamTimes | undefined
  readonly sound?: StreamTimes | undefined
  /** Indexes of all streams that are edited: see `Timeline`. */
  readonly edited?: readonly number[]
}

export interface Track {
  readonly stream: MediaStream
  /** Whether its packets are copied instead of encoded again. */
  readonly copy: boolean
}

/** Larger pictures are not copied (H.264 level 5.2 is what decoders in phones accept). */
const MAX_COPIED_PIXELS = 4096 * 2304
const MAX_LEVEL = 52
/** Chrome cannot seek in a shorter FLAC file. */
const MIN_FLAC_S = 5
/** Firefox's limit for uncompressed sound. */
const MAX_WAV_CHANNELS = 8
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
 * All ways to make a rendition of a source, the cheapest first. The caller tries them in order until one passes the check.
 *
 * - `source`: it plays as it is. MP4 with its index in front, with 8-bit H.264 and AAC or MP3; WebM with cues and duration, with VP8 or VP9
 *   and Opus or Vorbis, which Safari plays since macOS 11.3 and iOS 17.4; sound alone also as MP3, FLAC and WAV.
 * - `remux`: the same codecs in another container, or without an index, as browsers' recorders and phones write them.
 * - `transcode`: everything else; a track that fits is still copied. AV1 and HEVC belong here, because Safari and Firefox have no decoder
 *   for them on most machines.
 *
 * A track with an edit list that cuts off a part is never copied: the copy would contain what the owner cut off.
 */
export function playbackPlans(info: MediaInfo, layout: ContainerLayout, times: TrackTimes = {}): Plan[] {
  const picture = pictureOf(info)
  const sound = soundOf(info)
  const container = containerOf(picture ?? sound)
  const track = (stream: MediaStream | undefined, copy: boolean) => stream && { stream, copy }
  const copies = {
    // Without times, a copy would show the frames in decoding order.
    picture:
      !picture || (fits(picture, container) && !times.picture?.edited && !UNTIMED.includes(info.format)),
    sound: !sound || (fits(sound, container) && !times.sound?.edited),
  }
  const plans: Plan[] = []
  const all = copies.picture && copies.sound
  const asItIs = { container, picture: track(picture, true), sound: track(sound, true), toneMap: false }
  const plays = picture
    ? all && layout.plays === container
    : sound && audioPlays(sound, info, layout, container)
  // All tracks of the source are served, so none of them may be edited.
  if (plays && areFirst(info) && !times.edited?.length) {
    plans.push({ method: 'source', ...asItIs })
  }
  if (all) plans.push({ method: 'remux', ...asItIs })
  const encoded = { method: 'transcode', container: 'mp4' } as const
  const toneMap = picture?.hdr ?? false
  if (picture && sound) {
    // An encoded track goes into MP4, unless the other track fits into WebM only.
    const copy = { picture: track(picture, true), sound: track(sound, false), toneMap: false }
    if (copies.picture) plans.push({ method: 'transcode', container, ...copy })
    if (copies.sound && fits(sound, 'mp4'))
      plans.push({ ...encoded, picture: track(picture, false), sound: track(sound, true), toneMap })
  }
  const tracks = { picture: track(picture, false), sound: track(sound, false) }
  plans.push({ ...encoded, ...tracks, toneMap })
  if (toneMap) plans.push({ ...encoded, ...tracks, toneMap: false })
  return plans
}

/** Whether browsers play the chosen streams: they play the first of each kind, and a still picture counts as video. */
function areFirst(info: MediaInfo): boolean {
  return [pictureOf(info), soundOf(info)].every(chosen => {
    const kinds = chosen?.kind === 'video' ? ['video', 'image'] : ['audio']
    return !chosen || info.tracks.find(({ kind }) => kinds.includes(kind))?.index === chosen.index
  })
}

function containerOf(stream: MediaStream | undefined): 'mp4' | 'webm' {
  return stream && fits(stream, 'webm') ? 'webm' : 'mp4'
}

/** Whether browsers decode the stream in this container. */
function fits(stream: MediaStream, container: 'mp4' | 'webm'): boolean {
  const { codec, profile = '', pixelFormat = '', level = 0, rotation, mirrored } = stream
  if (stream.kind === 'audio') {
    if (container === 'webm') return codec === 'opus' || codec === 'vorbis'
    return codec === 'mp3' || (codec === 'aac' && AAC_PROFILES.includes(profile))
  }
  if ((stream.width ?? 0) * (stream.height ?? 0) > MAX_COPIED_PIXELS) return false
  if (container === 'webm') {
    // Browsers ignore rotation in WebM.
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

/** Audio without video plays from more containers. */
function audioPlays(
  sound: MediaStream,
  { duration = 0 }: MediaInfo,
  { plays }: ContainerLayout,
  container: 'mp4' | 'webm',
): boolean {
  if (plays === 'flac' && duration < MIN_FLAC_S) return false
  if (plays === 'mp3' || plays === 'flac') return sound.codec === plays
  if (plays === 'wav') {
    return ['pcm_s16le', 'pcm_u8'].includes(sound.codec) && (sound.channels ?? 1) <= MAX_WAV_CHANNELS
  }
  return plays === container && fits(sound, container)
}
