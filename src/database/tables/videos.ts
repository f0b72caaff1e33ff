import type { ColumnType, JSONColumnType } from 'kysely'
import type { StepErrorCode } from '../../base/step-reasons.ts'
import type { Defaulted, Time } from './columns.ts'

export interface VideoTables {
  /** A view of `all_videos` that leaves out the bin. */
  videos: VideosTable
  all_videos: AllVideosTable
  artifacts: ArtifactsTable
}

export const VIDEO_STATUSES = ['uploading', 'processing', 'ready', 'failed'] as const
export type VideoStatus = (typeof VIDEO_STATUSES)[number]

/** How the playback rendition was made: it is the source itself, its streams in another container, or a new encoding. */
export const PLAYBACK_METHODS = ['source', 'remux', 'transcode'] as const
export type PlaybackMethod = (typeof PLAYBACK_METHODS)[number]

export interface VideosTable {
  id: string
  title: string
  description: Defaulted<string>
  /** BCP 47 tag, as declared by the uploader. */
  language: string | null
  filename: string | null
  /** Media type as recognized by `probe`, null before. The type that an uploader declares is never served. */
  content_type: string | null
  /** Bytes. */
  /** Bytes of the source; null while it is being uploaded. */
  size: number | null
  /** Of the source; null while it is being uploaded. */
  storage_key: string | null
  /** Of the source, in lower-case hex. */
  sha256: string | null
  status: Defaulted<VideoStatus>
  /** Whether it is a recording with chunks missing, or without its end. */
  incomplete: Defaulted<boolean>
  error_code: StepErrorCode | null
  error_message: string | null
  /** Seconds. */
  duration: number | null
  /** Duration in seconds that the file declares, if its media ends earlier; otherwise null. */
  declared_duration: number | null
  /** Pixels as displayed: after rotation, with square pixels. */
  width: number | null
  height: number | null
  video_codec: string | null
  audio_codec: string | null
  /** Container format, which `probe` recognizes by the file's bytes. */
  container: string | null
  /** Clockwise rotation for display in degrees: 0, 90, 180 or 270. */
  rotation: number | null
  /** Average frames per second. */
  frame_rate: number | null
  /** Average bits per second, all streams together. */
  bit_rate: number | null
  /** All streams of the source, in file order. */
  streams: ColumnType<StreamFacts[], string | undefined, string>
  /** Named parts. Times are in seconds. */
  chapters: ColumnType<{ start: number; end: number; title: string }[], string | undefined, string>
  /** Null until the step `playback` is done. */
  playback: PlaybackMethod | null
  /** Seconds of audio sent to speech-to-text for this video. */
  speech_seconds_sent: Defaulted<number>
  tags: Defaulted<string[]>
  /** Increases with every change of the row, its steps or its transcript. */
  version: Defaulted<number>
  request_id: string | null
  /** Null if only admins may see it. */
  owner: string | null
  /** Time of the last playback start, to the minute. */
  last_played: Date | null
  created_at: Time
  updated_at: Time
}

/** Every video, those in the bin too. Only code that counts, checks or removes stored data uses it in place of `videos`. */
export interface AllVideosTable extends VideosTable {
  /** Time of the deletion if the video is in the bin; otherwise null. */
  binned_at: Date | null
}

/** An `image` is a cover or another still picture. */
export const TRACK_KINDS = ['video', 'audio', 'subtitle', 'image', 'attachment', 'data'] as const
export type TrackKind = (typeof TRACK_KINDS)[number]

/** A stream of a source. A member is null if it is unknown or does not apply to the kind. Rows of older versions lack some members. */
export interface StreamFacts {
  /** Index of the stream in its file. */
  index: number
  kind: TrackKind
  codec: string
  /** Whether this service decodes the codec. */
  supported: boolean
  language: string | null
  title: string | null
  default: boolean
  forced: boolean
  /** Whether the playback rendition contains it. */
  selected: boolean
  /** Whether an edit list hides a part of it: the source must then not be served for playback. Absent in rows of older versions. */
  trimmed?: boolean
  /** Whether the transcribed audio contains it. */
  transcribed: boolean
  dolby_vision_profile: number | null
  profile: string | null
  pixel_format: string | null
  /** Pixels as displayed. */
  width: number | null
  height: number | null
  /** Frames per second. */
  frame_rate: number | null
  channels: number | null
  /** Samples per second. */
  sample_rate: number | null
  /** Bits per second. */
  bit_rate: number | null
}

/**
 * `audio` is the input of speech-to-text, `audio_download` is for people, `audio_track` is each further sound, `audio_blocks` holds hashes of the
 * sound, `captions` is each embedded
 * subtitle, `poster_small` is the poster in the size of lists.
 */
export type ArtifactKind =
  | 'playback'
  | 'poster'
  | 'poster_small'
  | 'storyboard'
  | 'storyboard_vtt'
  | 'audio'
  | 'audio_download'
  | 'audio_track'
  | 'audio_blocks'
  | 'captions'
  | 'peaks'

export interface ArtifactsTable {
  video_id: string
  kind: ArtifactKind
  /** Index of a track in the source, for kinds with several artifacts; otherwise empty. */
  variant: Defaulted<string>
  storage_key: string
  content_type: string
  /** Bytes. */
  size: number
  /** Measurements of the step that made it, for later steps, and `sha256` of its bytes. */
  details: JSONColumnType<Record<string, unknown>>
  created_at: Time
}
