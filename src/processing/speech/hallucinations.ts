import { deflateSync } from 'node:zlib'
import type { DroppedText } from '../../database/tables/transcripts.ts'
import { joinTokens, type Token, tokenize } from '../../videos/transcripts/timed-words.ts'
import type { Silence } from '../media/extract-audio.ts'
import type { SpeechResult, SpeechSegment } from './speech-to-text.ts'

/** Thresholds of whisper itself for "no speech" and for "decoding failed" (openai/whisper, transcribe.py). */
const MAX_NO_SPEECH = 0.6
const MIN_LOG_PROBABILITY = -1
const MAX_COMPRESSION_RATIO = 2.4
/** A text counts as hallucinated if it is surrounded by this much silence: the times of models are off by less. */
const MARGIN_S = 1
/** No speaker repeats a phrase so often in a row: one of few words, and a longer one. */
const MAX_SHORT_REPEATS = 6
const MAX_LONG_REPEATS = 4
const LONG_PHRASE_WORDS = 4
const MAX_PHRASE_WORDS = 20

export interface FilteredResult {
  readonly result: SpeechResult
  /** Times count from the start of the chunk. */
  readonly dropped: readonly DroppedText[]
}

/**
 * Removes text that most likely nobody said: models invent text for silence, or repeat one phrase over and over.
 * @param silences in seconds from the start of the chunk. @param seconds the length of the chunk.
 */
export function withoutHallucinations(
  result: SpeechResult,
  silences: readonly Silence[],
  seconds: number,
): FilteredResult {
  if (result.segments.length === 0) return withoutRepeats(result, seconds)
  const dropped: DroppedText[] = []
  const repeats = repeatedSegments(result.segments)
  const segments = result.segments.filter((segment, index) => {
    const reason = repeats.has(index) ? 'repetition' : reasonToDrop(segment, silences, seconds)
    const { start, end, text } = segment
    if (reason) dropped.push({ start, end, text, reason })
    return reason === undefined
  })
  return { result: { ...result, segments }, dropped }
}

function reasonToDrop(
  segment: SpeechSegment,
  silences: readonly Silence[],
  seconds: number,
): DroppedText['reason'] | undefined {
  const { start, end, noSpeech = 0, logProbability = 0 } = segment
  const [earliest, latest] = [Math.max(0, start - MARGIN_S), Math.min(seconds, end + MARGIN_S)]
  if (silences.some(([from, to]) => from <= earliest && to >= latest)) return 'silence'
  if (noSpeech > MAX_NO_SPEECH && logProbability < MIN_LOG_PROBABILITY) return 'no_speech'
  const { compression = compressionOf(segment.text) } = segment
  if (compression > MAX_COMPRESSION_RATIO) return 'repetition'
  const tokens = tokenize(segment.text)
  const repeated = runsOf(tokens.map(plain)).reduce((sum, { from, to }) => sum + to - from, 0)
  return repeated * 2 > tokens.length ? 'repetition' : undefined
}

/** Indexes of the segments that repeat the ones before them, in long runs of repetitions. */
function repeatedSegments(segments: readonly SpeechSegment[]): Set<number> {
  const found = new Set<number>()
  const texts = segments.map(({ text }) => tokenize(text).map(plain).join(' '))
  for (const { from, to, phrase } of runsOf(texts)) {
    for (let index = from + phrase; index < to; index++) found.add(index)
  }
  return found
}

/** For models without times: keeps the first of many repetitions. */
function withoutRepeats(result: SpeechResult, seconds: number): FilteredResult {
  const tokens = tokenize(result.text)
  const dropped: DroppedText[] = []
  const kept: Token[] = []
  let at = 0
  for (const { from, to, phrase } of runsOf(tokens.map(plain))) {
    kept.push(...tokens.slice(at, from + phrase))
    const text = joinTokens(tokens.slice(from + phrase, to))
    dropped.push({ start: 0, end: seconds, text, reason: 'repetition' })
    at = to
  }
  if (dropped.length === 0) return { result, dropped }
  return { result: { ...result, text: joinTokens([...kept, ...tokens.slice(at)]) }, dropped }
}

interface Run {
  readonly from: number
  readonly to: number
  /** Items of the repeated phrase. */
  readonly phrase: number
}

/** Finds stretches in which a phrase is repeated many times. They are in order and do not overlap. */
export function runsOf(items: readonly string[]): Run[] {
  const runs: Run[] = []
  for (let from = 0; from < items.length; ) {
    let best: Run | undefined
    for (let phrase = 1; phrase <= MAX_PHRASE_WORDS; phrase++) {
      let to = from + phrase
      while (to < items.length && items[to] === items[to - phrase]) to++
      const repeats = (to - from) / phrase
      const many = phrase < LONG_PHRASE_WORDS ? MAX_SHORT_REPEATS : MAX_LONG_REPEATS
      if (repeats >= many && to > (best?.to ?? 0)) best = { from, to, phrase }
    }
    if (best) runs.push(best)
    from = best?.to ?? from + 1
  }
  return runs
}

function plain({ text }: Token): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '')
}

/** As whisper computes its `compression_ratio`. */
function compressionOf(text: string): number {
  const bytes = Buffer.from(text)
  return bytes.length / deflateSync(bytes).length
}
