import { execFileSync } from 'node:child_process'
import { renderWords, SAMPLE_RATE, type SpokenWord, VOCABULARY } from './tone-words.ts'

/** Seconds of one part. */
export const PART = 9
const RATE = 8000

/** What is said in a part: one word in a long silence, words without a pause that one could cut in, or nothing. */
export type Part = { say: string } | { dense: number } | 'silence'

const DENSE = 3
/** The words of dense parts: all but the last, which is for what is said once. */
const COMMON = VOCABULARY.slice(0, -1)
const DENSE_WORDS = 22

/** The words of a part, in its own time. */
function wordsOf(part: Part): SpokenWord[] {
  if (part === 'silence') return []
  if ('say' in part) return [{ word: part.say, start: 4 }]
  return Array.from({ length: DENSE_WORDS }, (_, n) => ({
    word: COMMON[(n + 7 * part.dense) % COMMON.length]!,
    start: 0.05 + (n * PART) / DENSE_WORDS,
  }))
}

/** The words of a whole speech. */
export function wordsOfSpeech(parts: readonly Part[]): SpokenWord[] {
  return parts.flatMap((part, index) =>
    wordsOf(part).map(word => ({ ...word, start: word.start + index * PART })),
  )
}

/** A WAV file (µ-law, 8 kHz) of many hours, quickly made: every kind of part is coded once, and its bytes repeated. */
export function longSpeech(parts: readonly Part[]): Buffer {
  const kinds: Part[] = [
    ...VOCABULARY.map(say => ({ say })),
    ...Array.from({ length: DENSE }, (_, dense) => ({ dense })),
  ]
  const pcm = Buffer.concat(
    kinds.map(kind => new Uint8Array(renderWords(wordsOf(kind), PART).buffer as ArrayBuffer)),
  )
  const from = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', 'pipe:0']
  const to = ['-ar', String(RATE), '-f', 'mulaw', 'pipe:1']
  const coded = execFileSync('ffmpeg', ['-v', 'error', ...from, ...to], {
    input: pcm,
    maxBuffer: 2 ** 30,
  })
  const size = PART * RATE
  const silence = Buffer.alloc(size, 0xff)
  const samples = parts.map(part => {
    if (part === 'silence') return silence
    const kind = 'say' in part ? VOCABULARY.indexOf(part.say) : VOCABULARY.length + part.dense
    return coded.subarray(kind * size, (kind + 1) * size)
  })
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + parts.length * size, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  // µ-law, one channel.
  header.writeUInt16LE(7, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(RATE, 24)
  header.writeUInt32LE(RATE, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(parts.length * size, 40)
  return Buffer.concat([header, ...samples])
}
