import { languageCode } from './languages.ts'
import { type SpeechResult, type SpeechSegment, type SpeechWord, unavailable } from './speech-to-text.ts'

/** Characters of a speaker's name that are kept. */
const MAX_SPEAKER_LENGTH = 100

/**
 * Reads the JSON answer of OpenAI's transcription API. Servers leave out different fields, or set them to null: fields of another type
 * are ignored. @throws StepError if the answer contains no text.
 */
export function readAnswer(answer: unknown): SpeechResult {
  const { text: wholeText, language, segments: list, words } = fieldsOf(answer)
  const segments = readSegments(list)
  // Some servers send the text in segments only.
  const joined = segments.length > 0 ? segments.map(segment => segment.text).join(' ') : undefined
  const text = wholeText ?? joined
  if (typeof text !== 'string') throw unavailable('The speech-to-text service sent an answer without a text.')
  const topLevelWords = readWords(words)
  return {
    language: languageCode(language),
    text: storable(text),
    segments,
    // Servers with faster-whisper put the words into the segments as well, or only there.
    words:
      topLevelWords.length > 0 || !Array.isArray(list)
        ? topLevelWords
        : list.flatMap(segment => readWords(fieldsOf(segment)['words'])),
  }
}

function readSegments(list: unknown): SpeechSegment[] {
  const timed = readTimed(list, 'text')
  // Keep untimed segments if at least one is timed. If none is, return [] and use the plain text.
  return (timed.some(({ untimed }) => !untimed) ? timed : []).map(({ span, entry }) => {
    const { speaker, no_speech_prob, avg_logprob, compression_ratio } = entry
    return {
      ...span,
      ...(typeof speaker === 'string' &&
        speaker !== '' && { speaker: storable(speaker).slice(0, MAX_SPEAKER_LENGTH) }),
      ...numeric('noSpeech', no_speech_prob),
      ...numeric('logProbability', avg_logprob),
      ...numeric('compression', compression_ratio),
    }
  })
}

function readWords(list: unknown): SpeechWord[] {
  return readTimed(list, 'word').flatMap(({ span, untimed }) => (untimed ? [] : [span]))
}

/** The entries that have a text, in order of time. An entry without a time gets the end of the entry before it. */
function readTimed(list: unknown, key: 'text' | 'word') {
  if (!Array.isArray(list)) return []
  let last = 0
  return list
    .flatMap(one => {
      const entry = fieldsOf(one)
      const { start, end, [key]: text } = entry
      const content = typeof text === 'string' ? storable(text) : ''
      if (content === '') return []
      const untimed = !Number.isFinite(start) || !Number.isFinite(end)
      const from = untimed ? last : Math.max(0, Number(start))
      last = untimed ? last : Math.max(from, Number(end))
      return [{ entry, untimed, span: { start: from, end: last, text: content } }]
    })
    .sort((a, b) => a.span.start - b.span.start)
}

function numeric<K extends string>(key: K, value: unknown): Partial<Record<K, number>> {
  return Number.isFinite(value) ? ({ [key]: value } as Record<K, number>) : {}
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return (value ?? {}) as Record<string, unknown>
}

/** Removes what PostgreSQL refuses in a text: NUL and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().trim()
}
