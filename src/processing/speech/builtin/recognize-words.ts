import type { SpeechWord } from '../speech-to-text.ts'
import {
  FRAME_S,
  levelsOf,
  loudnessOf,
  soundWithin,
  withinSound,
  withoutLongEnd,
  withoutLongStarts,
  wordsOf,
} from './recognized-words.ts'
import type { Recognizer } from './recognizer.ts'

/** Sound that is this much quieter than the loudest speech is no speech, in decibels. */
const SPEECH_DB = 20
/** Seconds of such sound after the last word that are recognized again. */
const MIN_REST_S = 1
/** The first recognition included. */
const MAX_ROUNDS = 4

/**
 * Recognizes the words of a chunk. Whisper sometimes stops in the middle: the rest is then recognized by itself, as openai/whisper's loop in
 * transcribe.py does, unless it is quiet.
 * @param language empty to let the model detect it. @returns the language of the beginning.
 */
export async function recognizeWords(
  recognizer: Pick<Recognizer, 'recognize'>,
  { samples, rate }: { readonly samples: Float32Array; readonly rate: number },
  language: string,
): Promise<{ readonly language: string; readonly words: readonly SpeechWord[] }> {
  const levels = levelsOf(samples, rate)
  const quietest = loudnessOf(levels) - SPEECH_DB
  const speechAfter = (seconds: number) =>
    FRAME_S * levels.slice(Math.ceil(seconds / FRAME_S)).filter(level => level > quietest).length
  const words: SpeechWord[] = []
  let [from, used] = [0, language]
  for (let round = 1; ; round++) {
    const rest = samples.subarray(Math.round(from * rate))
    const result = await recognizer.recognize(rest, rate, used)
    const all = withoutLongEnd(wordsOf(result, result.lang), result)
    const found = withoutLongStarts(withinSound(all, soundWithin(rest, rate)))
    words.push(...found.map(({ start, end, text }) => ({ start: start + from, end: end + from, text })))
    used ||= result.lang
    const end = words.at(-1)?.end ?? 0
    if (found.length === 0 || end <= from || speechAfter(end) < MIN_REST_S || round === MAX_ROUNDS)
      return { language: used, words }
    from = end
  }
}
