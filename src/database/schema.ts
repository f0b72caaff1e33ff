import type { ColumnType, Generated, GeneratedAlways, JSONColumnType, Kysely, Transaction } from 'kysely'
import type { StepErrorCode } from '../base/step-reasons.ts'

/** A connection or the transaction that is open on it: repository functions take it first and use nothing else. */
export type Db = Kysely<Schema> | Transaction<Schema>

export interface Schema {
  uploads: UploadsTable
  reservations: ReservationsTable
  recordings: RecordingsTable
  recording_pieces: RecordingPiecesTable
  videos: VideosTable
  steps: StepsTable
  artifacts: ArtifactsTable
  transcripts: TranscriptsTable
  transcript_pieces: TranscriptPiecesTable
  speech_usage: SpeechUsageTable
  pauses: PausesTable
  lost_leases: LostLeasesTable
  outbox: OutboxTable
  removals: RemovalsTable
  video_search: VideoSearchTable
  idempotent_requests: IdempotentRequestsTable
  webhooks: WebhooksTable
  webhook_deliveries: WebhookDeliveriesTable
  api_keys: ApiKeysTable
  upload_links: UploadLinksTable
  secrets: SecretsTable
  imports: ImportsTable
}

export const VIDEO_STATUSES = ['processing', 'ready', 'failed'] as const
export type VideoStatus = (typeof VIDEO_STATUSES)[number]

export const STEP_NAMES = ['probe', 'playback', 'poster', 'audio', 'transcribe'] as const
export type StepName = (typeof STEP_NAMES)[number]

export const STEP_STATES = ['pending', 'running', 'done', 'skipped', 'failed'] as const
export type StepState = (typeof STEP_STATES)[number]

export const EVENT_TYPES = [
  'video.uploaded',
  'video.probed',
  'video.audio_extracted',
  'video.transcribed',
  'video.ready',
  'video.failed',
  'video.deleted',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** `audio` is for speech-to-text, `audio_download` for people, `audio_track` each further sound, `captions` each embedded subtitle; `poster_small` is the poster in the size of lists. */
export type ArtifactKind =
  | 'playback'
  | 'poster'
  | 'poster_small'
  | 'storyboard'
  | 'storyboard_vtt'
  | 'audio'
  | 'audio_download'
  | 'audio_track'
  | 'captions'
  | 'peaks'

/** How the rendition that plays was made: it is the source itself, its streams in another container, or encoded anew. */
export const PLAYBACK_METHODS = ['source', 'remux', 'transcode'] as const
export type PlaybackMethod = (typeof PLAYBACK_METHODS)[number]

/** A column that the database fills in when a row is inserted, and that code may set later. */
type Defaulted<T> = ColumnType<T, T | undefined, T>
type Time = ColumnType<Date, Date | string | undefined, Date | string>

/** An upload's state; its bytes are in storage under `uploads/{id}`. */
export interface UploadsTable {
  id: string
  /** Total size in bytes; null while the client has not declared it (tus 1.0.0, creation-defer-length). */
  length: number | null
  /** Bytes that are durable. */
  offset: Defaulted<number>
  metadata: JSONColumnType<Record<string, string | null>>
  request_id: string | null
  created_at: Time
  /** When an unfinished upload may be removed; moves on while bytes arrive. */
  expires_at: Date
  finished_at: Date | null
  /** Of an upload that is a part of others, or made of others (tus 1.0.0, Concatenation). */
  concat: 'partial' | 'final' | null
  /** URLs of the partial uploads that a final one is made of, in order. */
  parts: JSONColumnType<string[]> | null
  /** Whether it was created by the IETF's draft, whose requests need not say what they are. */
  draft: Defaulted<boolean>
  /** Who may see it, and the video that it becomes, besides admins; null for admins only. */
  owner: string | null
  /** Bytes that it may have, where that is less than the server takes. */
  max_size: number | null
  /** Whether a part has become part of a video, or is about to: its bytes are counted there. */
  joined: Defaulted<boolean>
  /** Whether the bytes of a part are gone, since they are in a video. */
  cleared: Defaulted<boolean>
  /** Offsets that clients were told and may go on from, in the order in which they were told; none is larger than `offset`. */
  promised: JSONColumnType<number[], string | undefined>
  /** The origin of an imported upload and its id there: `video:17`. */
  old_id: string | null
}

/** Room in an owner's quota for bytes that are being received. */
export interface ReservationsTable {
  id: string
  owner: string
  /** The upload that may have `bytes` in all; null for a chunk, whose bytes are added to the others. */
  upload_id: string | null
  bytes: number
  /** Whether its request does not tell how many bytes are to come. */
  is_open: boolean
  /** Until when it counts without a sign of life of its holder. */
  held_until: Date
}

/** An upload that is fed piece by piece; it has the upload's id. */
export interface RecordingsTable {
  id: string
  /** Number of the first piece that is not joined to the upload. */
  next: Defaulted<number>
  /** Whether it was closed without all of its pieces, or by nobody. */
  incomplete: Defaulted<boolean>
  /** Since when it takes no more pieces; from then on it is to become a video. */
  closed_at: Date | null
}

export interface RecordingPiecesTable {
  recording_id: string
  number: number
  /** Bytes. */
  size: number
  /** In lower-case hex. */
  sha256: string
  /** Where its bytes wait for the pieces before it; null once they are part of the upload. */
  storage_key: string | null
  created_at: Time
}

export interface VideosTable {
  id: string
  title: string
  description: Defaulted<string>
  /** What the uploader declared, as a BCP 47 tag. */
  language: string | null
  filename: string | null
  /** The media type that `probe` recognised; null until then. What an uploader declares is never served. */
  content_type: string | null
  size: number
  storage_key: string
  /** Of the source, in lower-case hex. */
  sha256: string | null
  status: Defaulted<VideoStatus>
  /** Whether it is a recording of which pieces, or the end, never came. */
  incomplete: Defaulted<boolean>
  error_code: string | null
  error_message: string | null
  /** Seconds. */
  duration: number | null
  /** Seconds that the file declares, if it ends earlier; else null. */
  declared_duration: number | null
  /** Pixels as displayed: after rotation, and with square pixels. */
  width: number | null
  height: number | null
  video_codec: string | null
  audio_codec: string | null
  /** The container that `probe` recognised by its bytes. */
  container: string | null
  /** Degrees clockwise by which the picture is turned for display: 0, 90, 180 or 270. */
  rotation: number | null
  /** Pictures a second, on average. */
  frame_rate: number | null
  /** Bits a second of all streams together, on average. */
  bit_rate: number | null
  /** Everything in the source, in its order. */
  streams: ColumnType<StreamFacts[], string | undefined, string>
  /** Parts that have a name; times are seconds. */
  chapters: ColumnType<{ start: number; end: number; title: string }[], string | undefined, string>
  /** Null until the step `playback` is done. */
  playback: PlaybackMethod | null
  /** Audio that was sent to the speech-to-text service for this video. */
  speech_seconds_sent: Defaulted<number>
  tags: Defaulted<string[]>
  /** Grows with every change of the row, its steps or its transcript. */
  version: Defaulted<number>
  request_id: string | null
  /** Who may see it besides admins; null for admins only. */
  owner: string | null
  /** When somebody last began to play it, to the minute. */
  last_played: Date | null
  created_at: Time
  updated_at: Time
}

/** An `image` is a cover or another still. */
export const TRACK_KINDS = ['video', 'audio', 'subtitle', 'image', 'attachment', 'data'] as const
export type TrackKind = (typeof TRACK_KINDS)[number]

/** A stream of a source; what does not apply to its kind, or is not known, is null. Rows of older versions lack some of it. */
export interface StreamFacts {
  /** Of the stream in its file. */
  index: number
  kind: TrackKind
  codec: string
  /** Whether its codec is one that is decoded here. */
  supported: boolean
  language: string | null
  title: string | null
  default: boolean
  forced: boolean
  /** Whether it is what plays. */
  selected: boolean
  /** Whether an edit list leaves out a part of it, so that no one may be served the source as what plays; rows of older versions have none. */
  trimmed?: boolean
  /** Whether it is what is transcribed, or a part of that. */
  transcribed: boolean
  dolby_vision_profile: number | null
  profile: string | null
  pixel_format: string | null
  /** Pixels as displayed. */
  width: number | null
  height: number | null
  frame_rate: number | null
  channels: number | null
  /** Samples a second. */
  sample_rate: number | null
  /** Bits a second. */
  bit_rate: number | null
}

export interface StepsTable {
  video_id: string
  name: StepName
  state: Defaulted<StepState>
  /** Percent, 0 to 100. */
  progress: Defaulted<number>
  attempts: Defaulted<number>
  /** Why the step was skipped. */
  reason: string | null
  /** Facts about the file that its owner should know, such as damage; written as JSON. */
  notes: ColumnType<StepNote[], string | undefined, string>
  error_code: string | null
  error_message: string | null
  /** When it may run; null while it waits for the step before it. */
  due_at: Date | null
  lease_token: string | null
  lease_until: Date | null
  started_at: Date | null
  finished_at: Date | null
  /** Of the video; '' if it has none. */
  owner: Defaulted<string>
  /** The place in the order of all owners' steps of a kind: the lowest is next. */
  turn: Defaulted<number>
  /** The worker process that holds the lease, or held it last. */
  worker: string | null
  /** How many workers were lost while they ran it, since it last succeeded. */
  losses: Defaulted<number>
  /** How often in a row a fault of the machine kept it from running. */
  machine_faults: Defaulted<number>
}

/** A lease whose worker was lost. */
export interface LostLeasesTable {
  video_id: string
  step: StepName
  worker: string
  lost_at: Defaulted<Date>
}

/** A fact about the file that a step found and its owner should know. */
export interface StepNote {
  /** Stable, for programs. */
  readonly code: string
  /** A sentence for people. */
  readonly message: string
}

export interface ArtifactsTable {
  video_id: string
  kind: ArtifactKind
  /** Tells several of a kind apart: the index of a track in the source. Empty if there is one only. */
  variant: Defaulted<string>
  storage_key: string
  content_type: string
  size: number
  /** What the step that made it measured on the way, for the steps behind it; and `sha256` of its bytes. */
  details: JSONColumnType<Record<string, unknown>>
  created_at: Time
}

/** Times are seconds from the start of the video. */
export interface TimedWord {
  start: number
  end: number
  text: string
}

export interface TranscriptSegment {
  start: number
  end: number
  text: string
  speaker?: string
  /** The words of the text, in order, where their times are known; those of edited words are estimates. */
  words?: TimedWord[]
}

/** A stretch that nothing was heard of, because its request failed for good. */
export interface TranscriptGap {
  start: number
  end: number
  code: StepErrorCode
  message: string
}

/** Text that a model gave and that was most likely not said. */
export interface DroppedText {
  start: number
  end: number
  text: string
  reason: 'silence' | 'no_speech' | 'repetition'
}

/** How a model was asked. */
export interface TranscriptOptions {
  language: string | null
  response_format: string
  timestamp_granularities: readonly string[]
}

export interface TranscriptsTable {
  video_id: string
  revision: number
  origin: 'machine' | 'person'
  language: string | null
  text: string
  segments: JSONColumnType<TranscriptSegment[]>
  model: string | null
  options: JSONColumnType<TranscriptOptions> | null
  source_sha256: string | null
  gaps: JSONColumnType<TranscriptGap[], string | undefined>
  dropped: JSONColumnType<DroppedText[], string | undefined>
  /** Whether there are gaps. */
  partial: GeneratedAlways<boolean>
  /** The part of the audio that is speech, 0 to 1. */
  speech_share: number | null
  /** Bytes that it takes. */
  size: GeneratedAlways<number>
  /** The revision that this one repeats. */
  restored_from: number | null
  created_at: Time
}

/** The result of one request to the speech-to-text service, kept so that a crash repeats one request at most. */
export interface TranscriptPiecesTable {
  video_id: string
  /** What was asked: the decoded audio's hash, model, language and position; a change of any makes a new piece. */
  fingerprint: string
  result: JSONColumnType<object>
  created_at: Time
}

/** What was sent to speech-to-text services since the beginning, by model. */
export interface SpeechUsageTable {
  model: string
  requests: number
  seconds_sent: number
  /** Seconds that were not sent because the same audio had been heard before. */
  seconds_reused: number
}

/** Steps of a kind that no worker begins until what they need is right again. */
export interface PausesTable {
  step: StepName
  code: string
  message: string
  since: Generated<Date>
  /** How often it was looked whether it is right again. */
  looks: Defaulted<number>
  /** When to look again. */
  look_at: Date
}

/** An event that is committed but not yet handed to the queue. */
export interface OutboxTable {
  id: string
  type: EventType
  video_id: string
  time: Time
  request_id: string | null
  /** Of the video. */
  owner: string | null
}

/** Stored objects that no row refers to (any more, or as yet) and that are to be removed. */
export interface RemovalsTable {
  /** A storage key, or a prefix that ends in a slash. */
  key: string
  created_at: Generated<Date>
  /** Of the attempt that is about to put the object there: it is to be removed if that ends without completing its step. */
  lease_token: string | null
}

/** What a video is found by; text search vectors are of use to the database only. */
export interface VideoSearchTable {
  video_id: string
  /** Place in the order in which videos came. */
  n: number
  /** The text search configuration of its language. */
  config: string
  /** Title and description. */
  heading: string
  /** These and what was said. */
  search: string
}

/** A request with an Idempotency-Key, and its answer once there is one. */
export interface IdempotentRequestsTable {
  key: string
  /** Of what was asked for; null until that is known. */
  fingerprint: string | null
  /** Of the process that answers it. */
  token: string
  /** When it is taken for dead. */
  lease_until: Date
  status: number | null
  headers: JSONColumnType<Record<string, string>> | null
  body: string | null
  /** The owner that sent the request; null without sign-in. */
  owner: Defaulted<string | null>
  created_at: Time
}

/** An address that is told of events (Standard Webhooks 1.0.0). */
export interface WebhooksTable {
  id: string
  url: string
  /** Types of events that it is told of; none for all. */
  events: JSONColumnType<EventType[]>
  /** All that sign, the newest first. */
  secrets: JSONColumnType<WebhookSecret[]>
  /** Since when it is told of nothing: it has answered 410. */
  disabled_at: Date | null
  created_at: Time
}

export interface WebhookSecret {
  secret: string
  /** RFC 3339; null for the one that stands. */
  expires_at: string | null
}

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** One event on its way to one webhook, and what became of it. */
export interface WebhookDeliveriesTable {
  id: string
  webhook_id: string
  event_id: string
  type: EventType
  video_id: string
  /** Of the event. */
  time: Time
  state: Defaulted<DeliveryState>
  attempts: Defaulted<number>
  /** When the next attempt may begin; while one runs, when it is taken for dead. */
  due_at: Time
  lease_token: string | null
  /** Of the last attempt, as all below. */
  response_status: number | null
  response_body: string | null
  error: string | null
  attempted_at: Date | null
}

export const SCOPES = ['read', 'write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export interface ApiKeysTable {
  id: string
  /** SHA-256 of the key, in hex. */
  hash: string
  owner: string
  scopes: Scope[]
  /** What it is for, in somebody's words. */
  name: string
  created_at: Time
  revoked_at: Date | null
}

/** A link that one upload can be made by, without a key. */
export interface UploadLinksTable {
  id: string
  /** SHA-256 of its token, in hex. */
  hash: string
  /** Of the upload. */
  owner: string | null
  max_size: number
  /** Until when the upload has to be begun. */
  expires_at: Date
  /** The upload that was made by it. */
  upload_id: string | null
  created_at: Time
}

/** Random values that all processes share and that outlast them. */
export interface SecretsTable {
  name: string
  value: string
}

/** An upload that was imported, whatever became of it since. */
export interface ImportsTable {
  /** As in `uploads`. */
  old_id: string
  /** A hash of its origin: with the same id and another hash, it comes from another place. */
  fingerprint: string
  imported_at: Generated<Date>
}
