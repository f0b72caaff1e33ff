import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { StepError, StepPostponed } from '../../base/errors.ts'
import type { DroppedText, TranscriptGap, TranscriptSegment } from '../../database/schema.ts'
import { type ArtifactRow, findArtifact } from '../../videos/catalogue/videos.ts'
import { pauseStep } from '../../videos/pipeline/pauses.ts'
import { countSpeech, findPiece, keepPiece } from '../../videos/transcripts/transcript-chunks.ts'
import type { AudioDetails } from '../media/audio.ts'
import type { Silence } from '../media/extract-audio.ts'
import type { Step, StepContext, StepResult } from '../step.ts'
import {
  isSilent,
  type Piece,
  planPieces,
  SHORTEST_S,
  speechShare,
  stitch,
  withoutSilentEnds,
} from './audio-chunks.ts'
import { cutAudio } from './cut-audio.ts'
import { withoutInvented } from './hallucinations.ts'
import { hashAudio } from './hash-audio.ts'
import { languageField } from './languages.ts'
import type { SpeechToText } from './openai-speech.ts'
import type { Heard } from './speech-answer.ts'
import { isMisconfigured } from './speech-refusal.ts'
import { hearAll, type Outcome } from './transcribe-chunks.ts'

/**
 * Writes down what is said.
 * @param service undefined where none is configured: the step is skipped until one is.
 * @param lookAfter seconds after which it is looked again, for the first time, at a service that takes no requests at all.
 */
export function transcribe(service: SpeechToText | undefined, lookAfter: number): Step {
  return {
    patience: service?.patience ?? 60,
    async run(context) {
      const { db, video, log } = context
      const audio = await findArtifact(db, video.id, 'audio')
      if (!audio) throw new StepError('audio_missing', 'The extracted audio is gone.', { retryable: false })
      const { duration, silences } = audio.details as unknown as AudioDetails
      if (duration < SHORTEST_S) return { skipped: 'too_short' }
      if (isSilent(duration, silences)) return { skipped: 'silent' }
      if (!service) return { skipped: 'not_configured' }
      const plan = planPieces(duration, silences, service.maxSeconds(audio.size / duration))
      const pieces = withoutSilentEnds(plan, silences)
      try {
        const outcomes = await new Hearing(context, service, audio).hear(pieces, plan.length === 1)
        return resultOf({ context, service, duration, silences, pieces, outcomes })
      } catch (error) {
        if (!isMisconfigured(error)) throw error
        if (await pauseStep(db, 'transcribe', error, lookAfter)) tellPause(log, error)
        throw new StepPostponed(error.code, error.message)
      }
    },
  }
}

export function tellPause(log: Logger, { message }: Error): void {
  log.error({ error: message }, 'transcription is paused')
}

/** One attempt at hearing all pieces of an audio. */
class Hearing {
  readonly #context: StepContext
  readonly #service: SpeechToText
  readonly #audio: ArtifactRow

  constructor(context: StepContext, service: SpeechToText, audio: ArtifactRow) {
    this.#context = context
    this.#service = service
    this.#audio = audio
  }

  /** @param whole whether the one piece is all of the audio. @throws StepError where nothing was heard, or another attempt can help. */
  async hear(pieces: readonly Piece[], whole: boolean): Promise<Outcome[]> {
    const { storage, directory, signal, lastAttempt, progress } = this.#context
    return storage.withFile(this.#audio.storage_key, async path => {
      const hash = await hashAudio(path, join(directory, 'audio.sha256'), { signal })
      const outcomes = await hearAll(pieces, {
        lanes: this.#service.concurrency,
        signal,
        hear: (piece, own) => this.#hearPiece(path, hash, piece, whole, own),
        onProgress: progress,
      })
      const failures = outcomes.filter(outcome => outcome instanceof StepError)
      const passing = failures.find(failure => failure.retryable)
      if (passing && !lastAttempt) throw passing
      if (failures.length > 0 && failures.length === outcomes.length) throw passing ?? failures[0]
      return outcomes
    })
  }

  /** The result of one piece; one that was paid for before, by whichever video, is not asked for again. */
  async #hearPiece(
    path: string,
    hash: string,
    piece: Piece,
    whole: boolean,
    signal: AbortSignal,
  ): Promise<Heard> {
    const { db, video, directory } = this.#context
    const { model, address } = this.#service
    const { from, to } = piece
    const language = video.language && languageField(video.language)
    const question = JSON.stringify([hash, address, model, language, from, to])
    const fingerprint = createHash('sha256').update(question).digest('hex')
    const kept = await findPiece(db, video.id, fingerprint)
    if (kept) {
      if (!kept.own)
        await countSpeech(db, video.id, model, { requests: 0, seconds_sent: 0, seconds_reused: to - from })
      return kept.result as Heard
    }
    const cut = whole ? path : join(directory, `piece-${from}.mp3`)
    if (!whole) await cutAudio(path, cut, from, to, { signal })
    const heard = await this.#ask(cut, to - from, signal)
    await keepPiece(db, video.id, fingerprint, heard)
    return heard
  }

  async #ask(path: string, seconds: number, signal: AbortSignal): Promise<Heard> {
    const { db, video } = this.#context
    let requests = 0
    const listening = { signal, onSent: () => void requests++ }
    const ask = () => this.#service.transcribe(path, video.language, listening)
    try {
      return await ask().catch(async error => {
        if (!isMisconfigured(error)) throw error
        // Does the service refuse everything, or only this? Where it takes another request, this one gets a second chance.
        await this.#service.check(signal).catch(() => {
          throw error
        })
        return ask().catch(again => {
          throw isMisconfigured(again) ? refused(again) : again
        })
      })
    } finally {
      if (requests > 0) {
        const use = { requests, seconds_sent: requests * seconds, seconds_reused: 0 }
        await countSpeech(db, video.id, this.#service.model, use)
      }
    }
  }
}

function refused({ message, cause }: StepError): StepError {
  return new StepError('speech_to_text_refused', message, { retryable: false, cause })
}

interface Heap {
  readonly context: StepContext
  readonly service: SpeechToText
  readonly duration: number
  readonly silences: readonly Silence[]
  readonly pieces: readonly Piece[]
  readonly outcomes: readonly Outcome[]
}

const NOTHING: Heard = { language: null, text: '', segments: [], words: [] }

function resultOf({ context, service, duration, silences, pieces, outcomes }: Heap): StepResult {
  const { video } = context
  const gaps: TranscriptGap[] = []
  const dropped: DroppedText[] = []
  const results = outcomes.map((outcome, index) => {
    const { start, end, from, to } = pieces[index]!
    if (outcome instanceof StepError) {
      gaps.push({ start, end, code: outcome.code, message: outcome.message })
      return NOTHING
    }
    const silent = silences.map(([begin, end]): Silence => [begin - from, end - from])
    const sifted = withoutInvented(outcome, silent, to - from)
    for (const { start, end, ...rest } of sifted.dropped) {
      dropped.push({ start: start + from, end: Math.min(end + from, to), ...rest })
    }
    return sifted.heard
  })
  const segments = withOwnSpeakers(stitch(pieces, results), pieces)
  const text = segments.map(segment => segment.text).join(' ')
  const [gap] = gaps
  const nothing = text === '' && !gap
  return {
    ...(nothing && { skipped: 'silent' }),
    ...(gap && { partial: gap }),
    ...((!nothing || dropped.length > 0) && {
      transcript: {
        language: video.language ?? languageOf(outcomes),
        text,
        segments,
        model: service.model,
        options: { language: video.language && languageField(video.language), ...service.options },
        source_sha256: video.sha256,
        gaps,
        dropped,
        speech_share: speechShare(duration, silences, segments),
      },
    }),
  }
}

/** A model names the speakers of each piece anew: its first in one is not its first in another. */
function withOwnSpeakers(segments: TranscriptSegment[], pieces: readonly Piece[]): TranscriptSegment[] {
  if (pieces.length < 2) return segments
  return segments.map(segment => {
    if (segment.speaker === undefined) return segment
    const part = pieces.findLastIndex(piece => piece.start <= segment.start) + 1
    return { ...segment, speaker: `${segment.speaker} (${part})` }
  })
}

/** The language that most of the text was heard in. */
function languageOf(outcomes: readonly Outcome[]): string | null {
  const letters = new Map<string, number>()
  for (const outcome of outcomes) {
    if (outcome instanceof StepError || outcome.language === null) continue
    letters.set(outcome.language, (letters.get(outcome.language) ?? 0) + outcome.text.length)
  }
  const [first] = [...letters].sort(([, a], [, b]) => b - a)
  return first?.[0] ?? null
}
