import type { GeneratedAlways, JSONColumnType } from 'kysely'
import type { StepErrorCode } from '../../base/step-reasons.ts'
import type { Time } from './columns.ts'

export interface TranscriptTables {
  transcripts: TranscriptsTable
  transcript_chunks: TranscriptChunksTable
  speech_usage: SpeechUsageTable
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
  /** The words of the text in order, if their times are known. The times of edited words are estimates. */
  words?: TimedWord[]
}

/** A part of the audio without a transcript, because its request failed permanently. */
export interface TranscriptGap {
  start: number
  end: number
  code: StepErrorCode
  message: string
}

/** Text of the model that was removed because it was most likely not spoken. */
export interface DroppedText {
  start: number
  end: number
  text: string
  reason: 'silence' | 'no_speech' | 'repetition'
}

/** Parameters of the requests to the model. */
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
  /** Share of the audio that is speech, 0 to 1. */
  speech_share: number | null
  /** Bytes. */
  size: GeneratedAlways<number>
  /** The revision that this one repeats. */
  restored_from: number | null
  created_at: Time
}

/** The result of one request to speech-to-text, kept so that a crash repeats at most one request. */
export interface TranscriptChunksTable {
  video_id: string
  /** Hash of what was asked: the chunk's samples, engine, model and language. */
  fingerprint: string
  result: JSONColumnType<object>
  created_at: Time
}

/** Totals of all speech-to-text requests, by model. */
export interface SpeechUsageTable {
  model: string
  requests: number
  seconds_sent: number
  /** Seconds that were not sent because a result for the same audio existed. */
  seconds_reused: number
}
