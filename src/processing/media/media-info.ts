import type { TrackKind } from '../../database/tables/videos.ts'

/** The contents of a media file, as its headers describe them. */
export interface MediaInfo {
  /** FFmpeg's names of the demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string
  readonly brand: string | undefined
  /** Seconds that the header declares; undefined if it declares none. It can be wrong: see timeline.ts. */
  readonly duration: number | undefined
  /** The first time on the file's own clock, in seconds. */
  readonly start: number
  /** Video and audio streams that can be decoded. The chosen ones come first: see choose-streams.ts. */
  readonly streams: readonly MediaStream[]
  /** All tracks, in the file's order. */
  readonly tracks: readonly MediaStream[]
  readonly chapters: readonly FileChapter[]
}

export interface MediaStream {
  readonly kind: TrackKind
  /** The stream's number in its file. */
  readonly index: number
  readonly codec: string
  /** BCP 47 or ISO 639-2, as in the file. */
  readonly language: string | undefined
  readonly title: string | undefined
  readonly isDefault: boolean
  readonly isForced: boolean
  /** Whether the file flags it as a commentary, an audio description or the like. */
  readonly isCommentary: boolean
  readonly profile: string | undefined
  /** For H.264, ten times the level: 41 is level 4.1. */
  readonly level: number | undefined
  /** Bits per second. */
  readonly bitRate: number | undefined
  /** The first time of the stream on the file's own clock, in seconds. */
  readonly start: number | undefined

  readonly pixelFormat: string | undefined
  /** Pixels as displayed: after rotation, and with square pixels. */
  readonly width: number | undefined
  readonly height: number | undefined
  /** Degrees clockwise by which a player must rotate the picture, 0 to 359. */
  readonly rotation: number
  /** Whether a player must also mirror it, which not all browsers do. */
  readonly mirrored: boolean
  /** Frames per second, on average. */
  readonly frameRate: number | undefined
  readonly interlaced: boolean
  /** Whether its transfer function is PQ or HLG. */
  readonly hdr: boolean
  /** The profile of Dolby Vision. */
  readonly dolbyVision: number | undefined
  readonly colors: Colors

  readonly channels: number | undefined
  /** Samples per second. */
  readonly sampleRate: number | undefined
}

/** The colour tags of a stream, in FFmpeg's names; undefined if missing. */
export interface Colors {
  readonly space: string | undefined
  readonly primaries: string | undefined
  readonly transfer: string | undefined
  readonly range: string | undefined
}

export function pictureOf(info: MediaInfo): MediaStream | undefined {
  return info.streams.find(stream => stream.kind === 'video')
}

export function soundOf(info: MediaInfo): MediaStream | undefined {
  return info.streams.find(stream => stream.kind === 'audio')
}

/** A little more than 1080p. For larger pictures, decoders and encoders get fewer threads. */
const LARGE_PIXELS = 2_400_000

/** Whether decoding the picture takes much memory. */
export function isLarge({ width = 0, height = 0 }: Pick<MediaStream, 'width' | 'height'>): boolean {
  return width * height > LARGE_PIXELS
}

export interface FileChapter {
  /** Seconds on the file's own clock. */
  readonly start_time?: string
  readonly end_time?: string
  readonly tags?: Record<string, string>
}
