import { join } from 'node:path'
import { sha256Hex } from '../../base/hash.ts'
import { countSpeech, findChunkResult, saveChunkResult } from '../../videos/transcripts/transcript-chunks.ts'
import type { StepContext } from '../step.ts'
import type { Chunk } from './audio-chunks.ts'
import { cutAudio } from './cut-audio.ts'
import { languageField } from './languages.ts'
import { isMisconfigured, refused, type SpeechResult, type SpeechToText } from './speech-to-text.ts'

/**
 * Transcribes the chunks of one audio and keeps each result, so that the same samples are sent and paid for once: not again after a
 * crash, a retry, or when another video of the same owner contains them.
 */
export class KeptResults {
  readonly #context: StepContext
  readonly #engine: SpeechToText
  readonly #audioPath: string

  constructor(context: StepContext, engine: SpeechToText, audioPath: string) {
    this.#context = context
    this.#engine = engine
    this.#audioPath = audioPath
  }

  /**
   * @param hash of the chunk's samples. @param language as a BCP 47 tag; null lets the engine detect it.
   * @throws StepError; the signal's reason if the signal ended it.
   */
  async transcribe(
    chunk: Chunk,
    { hash, language }: { readonly hash: string; readonly language: string | null },
    signal: AbortSignal,
  ): Promise<SpeechResult> {
    const { db, video } = this.#context
    const key = this.#keyOf(hash, language)
    const seconds = chunk.to - chunk.from
    const kept = (await findChunkResult(db, video.id, key)) ?? (await this.#findDetected(hash, language))
    if (kept) {
      if (!kept.own) {
        const use = { requests: 0, seconds_sent: 0, seconds_reused: seconds }
        await countSpeech(db, video.id, this.#engine.model, use)
      }
      return kept.result as SpeechResult
    }
    const path = await this.#fileOf(chunk, signal)
    const result = await this.#send({ path, seconds, language }, signal)
    await saveChunkResult(db, video.id, key, result)
    return result
  }

  /** A result for which the engine detected by itself the language that is asked for now. */
  async #findDetected(hash: string, language: string | null) {
    const { db, video } = this.#context
    if (language === null || !this.#engine.detectsPerFile) return undefined
    const kept = await findChunkResult(db, video.id, this.#keyOf(hash, null))
    return (kept?.result as SpeechResult | undefined)?.language === languageField(language) ? kept : undefined
  }

  /** Results are equal if samples, engine and language are. */
  #keyOf(hash: string, language: string | null): string {
    const question = JSON.stringify([hash, this.#engine.identity, language && languageField(language)])
    return sha256Hex(question)
  }

  async #fileOf({ from, to }: Chunk, signal: AbortSignal): Promise<string> {
    const format = this.#engine.audioFormat
    const file = join(this.#context.directory, `chunk-${from.toFixed(3)}.${format}`)
    await cutAudio(this.#audioPath, file, { from, to, format }, { signal })
    return file
  }

  async #send(
    { path, seconds, language }: { path: string; seconds: number; language: string | null },
    signal: AbortSignal,
  ): Promise<SpeechResult> {
    const { db, video } = this.#context
    let requests = 0
    const call = { signal, onSent: () => void requests++ }
    const attempt = () => this.#engine.transcribe(path, language, call)
    try {
      return await attempt().catch(async error => {
        if (!isMisconfigured(error)) throw error
        // Does the engine refuse everything, or only this chunk? If it accepts a test request, the chunk gets a second try.
        await this.#engine.check(signal).catch(() => {
          throw error
        })
        return attempt().catch(again => {
          throw isMisconfigured(again) ? refused(again.message, again.cause) : again
        })
      })
    } finally {
      if (requests > 0) {
        const use = { requests, seconds_sent: requests * seconds, seconds_reused: 0 }
        await countSpeech(db, video.id, this.#engine.model, use)
      }
    }
  }
}
