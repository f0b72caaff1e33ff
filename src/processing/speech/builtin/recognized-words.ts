import { tokenBytes } from '../model/whisper-vocabulary.ts'
import type { SpeechWord } from '../speech-to-text.ts'

/** The fields of sherpa-onnx's answer that are read here. Times are seconds. */
export interface SherpaResult {
  readonly lang: string
  readonly tokens: readonly string[]
  readonly timestamps?: readonly number[]
  readonly durations?: readonly number[]
  readonly segment_timestamps?: readonly number[]
  readonly segment_durations?: readonly number[]
}

/** Languages that are written without blanks: each character is a word. (openai/whisper, tokenizer.py) */
const WITHOUT_BLANKS: ReadonlySet<string> = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue'])
const PUNCTUATION = /^[\p{P}\p{S}\s]+$/u
/** Signs that belong to the word after them. */
const OPENING = /^\s*[\p{Ps}\p{Pi}"'¿¡$€£]+$/u

/** @returns the words that tokens make up, each with the blank before it, if there is one. */
export function wordsOf(result: SherpaResult, language: string): SpeechWord[] {
  const words: { start: number; end: number; text: string }[] = []
  for (const { text, start, end } of charactersOf(result)) {
    const last = words.at(-1)
    const isMark = PUNCTUATION.test(text) && !OPENING.test(text)
    const begins = text.startsWith(' ') || WITHOUT_BLANKS.has(language)
    if (last && isMark) last.text += text
    else if (last && OPENING.test(last.text)) Object.assign(last, { text: last.text + text, end })
    else if (last && !begins) Object.assign(last, { text: last.text + text, end })
    else words.push({ text, start, end })
  }
  return words.filter(({ text }) => text.trim() !== '')
}

/** Tokens joined to whole characters: a token can be a part of one. */
function charactersOf({ tokens, timestamps = [], durations = [] }: SherpaResult) {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const texts: { text: string; start: number; end: number }[] = []
  let [bytes, from]: [number[], number] = [[], 0]
  for (const [index, token] of tokens.entries()) {
    if (bytes.length === 0) from = timestamps[index] ?? 0
    bytes.push(...tokenBytes(token))
    try {
      const text = decoder.decode(Uint8Array.from(bytes))
      texts.push({ text, start: from, end: (timestamps[index] ?? from) + (durations[index] ?? 0) })
      bytes = []
    } catch {
      // The rest of the character is in the next token.
    }
  }
  return texts
}

/** Sherpa lets the last token end with the audio. Whisper itself says when its last segment ends: moves the end of the last word there. */
export function withoutLongEnd(words: readonly SpeechWord[], result: SherpaResult): SpeechWord[] {
  const [start, length] = [result.segment_timestamps?.at(-1), result.segment_durations?.at(-1)]
  const last = words.at(-1)
  if (!last || start === undefined || length === undefined) return [...words]
  const end = Math.max(last.start, Math.min(last.end, start + length))
  return [...words.slice(0, -1), { ...last, end }]
}

/** Seconds before and after a sound that still count as sound. */
const MARGIN_S = 0.1
export const FRAME_S = 0.02
/** Sound that is this much quieter than the loudest speech counts as a pause, in decibels. */
const PAUSE_DB = 30

/** The level of each frame, in decibels. */
export function levelsOf(samples: Float32Array, rate: number): number[] {
  const size = Math.round(FRAME_S * rate)
  const levels: number[] = []
  for (let at = 0; at + size <= samples.length; at += size) {
    let sum = 0
    for (let index = at; index < at + size; index++) sum += samples[index]! ** 2
    levels.push(10 * Math.log10(sum / size + 1e-12))
  }
  return levels
}

/** The level of loud speech, in decibels. */
export function loudnessOf(levels: readonly number[]): number {
  return levels.toSorted((a, b) => a - b)[Math.floor(0.95 * levels.length)] ?? 0
}

/** The times of the first and the last sound, in seconds. */
export function soundWithin(samples: Float32Array, rate: number): [start: number, end: number] {
  const levels = levelsOf(samples, rate)
  const loudness = loudnessOf(levels)
  const isSound = (level: number) => level > loudness - PAUSE_DB
  const [first, last] = [levels.findIndex(isSound), levels.findLastIndex(isSound)]
  const seconds = samples.length / rate
  if (first < 0) return [0, seconds]
  return [Math.max(0, first * FRAME_S - MARGIN_S), Math.min(seconds, (last + 1) * FRAME_S + MARGIN_S)]
}

/** Whisper lets the first word begin with the audio and the last one end with it, even if there is a pause: moves both to the sound. */
export function withinSound(
  words: readonly SpeechWord[],
  [from, to]: readonly [number, number],
): SpeechWord[] {
  return words.map(({ start, end, text }) => {
    const begin = Math.min(Math.max(start, from), Math.max(from, to))
    return { text, start: begin, end: Math.max(begin, Math.min(end, to)) }
  })
}

/** A longer median length of words is not believed, in seconds. */
const USUAL_WORD_S = 0.7

/** Whisper often lets a word after a pause begin within the pause: limits its length to twice the usual one. */
export function withoutLongStarts(words: readonly SpeechWord[]): SpeechWord[] {
  const lengths = words.map(({ start, end }) => end - start).filter(length => length > 0)
  const median = lengths.toSorted((a, b) => a - b)[lengths.length >> 1] ?? 0
  const longest = 2 * Math.min(median, USUAL_WORD_S)
  return words.map((word, index) => {
    const before = words[index - 1]
    const isFirst = !before || word.start - before.end > 0 || SENTENCE_END.test(before.text)
    return isFirst && word.end - word.start > longest ? { ...word, start: word.end - longest } : word
  })
}

const SENTENCE_END = /[.?!…。？！]["'”’)\]]*$/u

/** A pause of this length separates two segments, in seconds. */
const PAUSE_S = 1
const LONGEST_WORDS = 60

/** Joins words to sentences. Leaves out sentences that are only a remark in brackets, such as `[MUSIC` or `(laughing)`. */
export function sentencesOf(words: readonly SpeechWord[]): (SpeechWord & { words: SpeechWord[] })[] {
  const groups: SpeechWord[][] = []
  for (const word of words) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    const goesOn = last && word.start - last.end < PAUSE_S && !SENTENCE_END.test(last.text)
    if (group && goesOn && group.length < LONGEST_WORDS) group.push(word)
    else groups.push([word])
  }
  return groups.flatMap(group => {
    const text = group
      .map(word => word.text)
      .join('')
      .trim()
    return isRemark(text) ? [] : [{ start: group[0]!.start, end: group.at(-1)!.end, text, words: group }]
  })
}

/** Whether a text has no words outside of brackets, asterisks and notes, the last of which may be open. */
function isRemark(text: string): boolean {
  const outside = text.replaceAll(/\[[^[\]]*\]|\([^()]*\)|\*[^*]*\*/g, '').replace(/[[(*][^\])*]*$/, '')
  return !/[\p{L}\p{N}]/u.test(outside)
}
