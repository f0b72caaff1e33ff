import type { TranscriptOptions } from '../database/schema.ts'
import type { StepError } from '../errors.ts'
import type { Heard } from './speech-answer.ts'

export interface Listening {
  readonly signal: AbortSignal
  /** Called for every request whose audio was sent and not refused: for those that were answered, and those that broke off. */
  readonly onSent?: () => void
}

/** Something that transcribes: a service behind an address, or the built-in engine. */
export interface SpeechService {
  readonly model: string
  /** Tells the results of one service from those of another. */
  readonly address: string
  /** Requests at a time. */
  readonly concurrency: number
  /** Seconds that one call takes at most, all its attempts together. */
  readonly patience: number
  /** The audio files that it takes. */
  readonly format: 'mp3' | 'wav'
  /** Whether it finds out the language of each request anew, and may be wrong about a short one. */
  readonly guessesEach: boolean
  /** The shortest audio of a request that is a part of more, in seconds, as far as pauses allow. */
  readonly minSeconds: number | undefined
  /** How it is asked, as far as is known by now. */
  readonly options: Omit<TranscriptOptions, 'language'>
  /** Seconds of audio that one request takes. @param rate bytes in a second of the extracted audio. */
  maxSeconds(rate: number): number
  /** @returns why it takes no requests before a successful `check`, if it is known. */
  unready(): Promise<StepError | undefined>
  /**
   * Transcribes a file.
   * @param language as a BCP 47 tag, or null to let the service find out.
   * @throws StepError; the signal's reason where that ended it.
   */
  transcribe(path: string, language: string | null, listening: Listening): Promise<Heard>
  /**
   * Finds out whether it takes requests, and gets it ready if it can. @param onProgress called with a sentence for people.
   * @throws StepError; the signal's reason where that ended it.
   */
  check(
    signal: AbortSignal,
    onProgress?: (sentence: string) => void,
  ): Promise<Omit<TranscriptOptions, 'language'>>
}
