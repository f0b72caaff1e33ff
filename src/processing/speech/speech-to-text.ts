import { StepError } from '../../base/errors.ts'
import type { TranscriptOptions } from '../../database/tables/transcripts.ts'

/** A speech-to-text engine. It knows nothing about videos, and its callers do not know which engine it is. */
export interface SpeechToText {
  /** The model's name, as transcripts show it. */
  readonly model: string
  /** Part of the key of kept results: equal only for engines that give the same result for the same audio. */
  readonly identity: string
  /** Calls of `transcribe` that may run at a time. */
  readonly concurrency: number
  /** Seconds of audio in one call, at most. */
  readonly maxSeconds: number
  /** Seconds that a chunk of longer audio should have at least, if silences allow; undefined for half of `maxSeconds`. */
  readonly minSeconds?: number
  /** The format of the files that `transcribe` takes. */
  readonly audioFormat: AudioFormat
  /** Whether the engine detects the language of each file separately, and may be wrong about a short one. */
  readonly detectsPerFile: boolean
  /** Seconds that one call can take, its retries included. */
  readonly callTimeoutS: number
  /** The options of requests, as far as they are known by now; stored with the transcript. */
  readonly options: SpeechOptions

  /** @returns why the engine takes no files before `check` succeeds, if that is known. */
  unready(): Promise<StepError | undefined>

  /**
   * Transcribes a file in `audioFormat`.
   * @param language as a BCP 47 tag; null lets the engine detect it.
   * @throws StepError; the signal's reason if the signal ended the call.
   */
  transcribe(path: string, language: string | null, call: SpeechCall): Promise<SpeechResult>

  /**
   * Prepares the engine if it needs that, and tests whether it works. @returns what it can do.
   * @param onProgress called with a sentence for people.
   * @throws StepError; the signal's reason if the signal ended the call.
   */
  check(signal: AbortSignal, onProgress?: (sentence: string) => void): Promise<SpeechOptions>

  /** Ends the processes that the engine has started. */
  stop(): Promise<void>
}

export type AudioFormat = 'mp3' | 'wav'

export type SpeechOptions = Omit<TranscriptOptions, 'language'>

export interface SpeechCall {
  readonly signal: AbortSignal
  /** Called for each request that may be charged for: it was answered, or its connection broke after the audio was sent. */
  readonly onSent?: () => void
}

/** The text of one file. Times are seconds from its start. */
export interface SpeechResult {
  /** A code such as `en`; null if the engine does not tell. */
  readonly language: string | null
  readonly text: string
  /** Empty if the model gives no times. */
  readonly segments: readonly SpeechSegment[]
  readonly words: readonly SpeechWord[]
}

export interface SpeechWord {
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface SpeechSegment extends SpeechWord {
  readonly speaker?: string
  /** Whisper's own estimate: the probability that there is no speech. */
  readonly noSpeech?: number
  /** Whisper's own estimate: the mean log probability of the tokens. */
  readonly logProbability?: number
  /** The text's size divided by its compressed size: large for text that repeats itself. */
  readonly compression?: number
}

/** The code of a failure that concerns every request: the settings or the engine itself are wrong. */
export const MISCONFIGURED = 'speech_to_text_misconfigured'

export function isMisconfigured(error: unknown): error is StepError & { code: typeof MISCONFIGURED } {
  return error instanceof StepError && error.code === MISCONFIGURED
}

/** The code of failures because the model of the built-in engine is not there yet. */
export const UNPREPARED = 'speech_model_unavailable'

/** Whether a failure concerns every request, so that transcription pauses until a check succeeds. */
export function isPausing(
  error: unknown,
): error is StepError & { code: typeof MISCONFIGURED | typeof UNPREPARED } {
  return isMisconfigured(error) || (error instanceof StepError && error.code === UNPREPARED)
}

/** A failure that ends no attempts: the engine refused this one audio. */
export function refused(message: string, cause: unknown): StepError {
  return new StepError('speech_to_text_refused', message, { retryable: false, cause })
}

/** A failure that passes. @param retryAfter seconds that the engine asked to wait. */
export function unavailable(message: string, cause?: unknown, retryAfter?: number): StepError {
  return new StepError('speech_to_text_unavailable', message, {
    retryable: true,
    cause,
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
