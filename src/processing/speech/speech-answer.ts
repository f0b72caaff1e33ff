import { StepError } from '../../base/errors.ts'
import { languageCode } from './languages.ts'

export interface HeardWord {
  /** Seconds from the start of the audio that was sent. */
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface HeardSegment extends HeardWord {
  readonly speaker?: string
  /** What whisper tells of its own certainty: the probability that nobody speaks, and the mean logarithm of its tokens' probabilities. */
  readonly noSpeech?: number
  readonly logProbability?: number
  /** How much smaller the text gets when it is compressed: text that repeats itself gets very small. */
  readonly compression?: number
}

/** What a service heard in one request. */
export interface Heard {
  /** As a code such as `en` where it is known. */
  readonly language: string | null
  readonly text: string
  /** Empty where the model tells no times. */
  readonly segments: readonly HeardSegment[]
  readonly words: readonly HeardWord[]
}

/**
 * Reads an answer to a request for a transcription. Services differ in what they leave out or set to null: only what has the right form
 * is taken. @throws StepError where there is no text in it.
 */
export function readAnswer(answer: unknown): Heard {
  const { text: told, language, segments: list, words } = fieldsOf(answer)
  const segments = readSegments(list)
  // Some leave it to whoever asked to put the segments together.
  const text = told ?? (segments.length > 0 ? segments.map(segment => segment.text).join(' ') : undefined)
  if (typeof text !== 'string') {
    throw new StepError(
      'speech_to_text_unavailable',
      'The speech-to-text service gave an answer without a text.',
      { retryable: true },
    )
  }
  const own = readWords(words)
  return {
    language: languageCode(language),
    text: storable(text),
    segments,
    // faster-whisper's servers have them inside of the segments as well, or only there.
    words:
      own.length > 0 || !Array.isArray(list)
        ? own
        : list.flatMap(segment => readWords(fieldsOf(segment)['words'])),
  }
}

function readSegments(list: unknown): HeardSegment[] {
  const timed = readTimed(list, 'text')
  // None of them is lost for want of a time; where none has one, the text stands for them.
  return (timed.some(({ untimed }) => !untimed) ? timed : []).map(({ span, entry }) => {
    const { speaker, no_speech_prob, avg_logprob, compression_ratio } = entry
    return {
      ...span,
      ...(typeof speaker === 'string' && speaker !== '' && { speaker: storable(speaker).slice(0, 100) }),
      ...numeric('noSpeech', no_speech_prob),
      ...numeric('logProbability', avg_logprob),
      ...numeric('compression', compression_ratio),
    }
  })
}

function readWords(list: unknown): HeardWord[] {
  return readTimed(list, 'word').flatMap(({ span, untimed }) => (untimed ? [] : [span]))
}

/** What bears a text, in order; what has no time of its own stands at the end of what is before it. */
function readTimed(list: unknown, key: 'text' | 'word') {
  if (!Array.isArray(list)) return []
  let last = 0
  return list
    .flatMap(one => {
      const entry = fieldsOf(one)
      const { start, end, [key]: text } = entry
      const said = typeof text === 'string' ? storable(text) : ''
      if (said === '') return []
      const untimed = !Number.isFinite(start) || !Number.isFinite(end)
      const from = untimed ? last : Math.max(0, Number(start))
      last = untimed ? last : Math.max(from, Number(end))
      return [{ entry, untimed, span: { start: from, end: last, text: said } }]
    })
    .sort((a, b) => a.span.start - b.span.start)
}

function numeric<K extends string>(key: K, value: unknown): Partial<Record<K, number>> {
  return Number.isFinite(value) ? ({ [key]: value } as Record<K, number>) : {}
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return (value ?? {}) as Record<string, unknown>
}

/** PostgreSQL takes neither NUL nor halves of characters, and what a service sends is not ours to trust. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().trim()
}
