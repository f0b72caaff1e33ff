import { deflateSync } from 'node:zlib'
import type { DroppedText } from '../../database/schema.ts'
import { joinTokens, type Token, tokenize } from '../../videos/transcripts/timed-words.ts'
import type { Silence } from '../media/extract-audio.ts'
import type { Heard, HeardSegment } from './speech-answer.ts'

/** From here on whisper itself takes what it decoded for no speech, or for a failure (openai/whisper, transcribe.py). */
const NO_SPEECH = 0.6
const LOG_PROBABILITY = -1
const COMPRESSION = 2.4
/** Seconds around a text that have to be silent for it to be invented: models are wrong about times by less. */
const MARGIN = 1
/** How often in a row a phrase is said by nobody: one of a few words, and a longer one. */
const REPEATS = 6
const LONG_PHRASE = 4
const LONG_REPEATS = 4
/** Words of the longest phrase that is looked for. */
const PHRASE = 20

export interface Sifted {
  readonly heard: Heard
  /** Times are those of the answer. */
  readonly dropped: readonly DroppedText[]
}

/**
 * Takes out of an answer what was most likely not said: models that hear nothing make up text, or say the same over and over.
 * @param silences in the times of the answer. @param seconds of the audio.
 */
export function withoutInvented(heard: Heard, silences: readonly Silence[], seconds: number): Sifted {
  if (heard.segments.length === 0) return withoutRepeats(heard, seconds)
  const dropped: DroppedText[] = []
  const repeats = repeatedSegments(heard.segments)
  const segments = heard.segments.filter((segment, index) => {
    const reason = repeats.has(index) ? 'repetition' : reasonToDrop(segment, silences, seconds)
    const { start, end, text } = segment
    if (reason) dropped.push({ start, end, text, reason })
    return reason === undefined
  })
  return { heard: { ...heard, segments }, dropped }
}

function reasonToDrop(
  segment: HeardSegment,
  silences: readonly Silence[],
  seconds: number,
): DroppedText['reason'] | undefined {
  const { start, end, noSpeech = 0, logProbability = 0 } = segment
  const [earliest, latest] = [Math.max(0, start - MARGIN), Math.min(seconds, end + MARGIN)]
  if (silences.some(([from, to]) => from <= earliest && to >= latest)) return 'silence'
  if (noSpeech > NO_SPEECH && logProbability < LOG_PROBABILITY) return 'no_speech'
  const { compression = compressionOf(segment.text) } = segment
  if (compression > COMPRESSION) return 'repetition'
  const tokens = tokenize(segment.text)
  const repeated = runsOf(tokens.map(plain)).reduce((sum, { from, to }) => sum + to - from, 0)
  return repeated * 2 > tokens.length ? 'repetition' : undefined
}

/** The segments that say the same as the one before, where very many in a row do. */
function repeatedSegments(segments: readonly HeardSegment[]): Set<number> {
  const found = new Set<number>()
  const texts = segments.map(({ text }) => tokenize(text).map(plain).join(' '))
  for (const { from, to, phrase } of runsOf(texts)) {
    for (let index = from + phrase; index < to; index++) found.add(index)
  }
  return found
}

/** For models that tell no times: of a phrase that is repeated over and over, one is left. */
function withoutRepeats(heard: Heard, seconds: number): Sifted {
  const tokens = tokenize(heard.text)
  const dropped: DroppedText[] = []
  const kept: Token[] = []
  let at = 0
  for (const { from, to, phrase } of runsOf(tokens.map(plain))) {
    kept.push(...tokens.slice(at, from + phrase))
    const text = joinTokens(tokens.slice(from + phrase, to))
    dropped.push({ start: 0, end: seconds, text, reason: 'repetition' })
    at = to
  }
  if (dropped.length === 0) return { heard, dropped }
  return { heard: { ...heard, text: joinTokens([...kept, ...tokens.slice(at)]) }, dropped }
}

interface Run {
  readonly from: number
  readonly to: number
  /** The length of what is repeated. */
  readonly phrase: number
}

/** Stretches in which the same few items follow each other again and again, in order and apart from each other. */
export function runsOf(items: readonly string[]): Run[] {
  const runs: Run[] = []
  for (let from = 0; from < items.length; ) {
    let best: Run | undefined
    for (let phrase = 1; phrase <= PHRASE; phrase++) {
      let to = from + phrase
      while (to < items.length && items[to] === items[to - phrase]) to++
      const repeats = (to - from) / phrase
      const many = phrase < LONG_PHRASE ? REPEATS : LONG_REPEATS
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

/** As whisper computes it. */
function compressionOf(text: string): number {
  const bytes = Buffer.from(text)
  return bytes.length / deflateSync(bytes).length
}
