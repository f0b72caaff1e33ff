/** Hertz of the audio that `renderWords` makes and `hearWords` takes. */
export const SAMPLE_RATE = 16_000

/** A word to be said. Times are seconds from the start of the audio. */
export interface SpokenWord {
  readonly word: string
  readonly start: number
  /** Seconds; 0.3 where it is absent. */
  readonly duration?: number
}

export interface HeardWord {
  readonly word: string
  readonly start: number
  readonly end: number
}

// Speech codecs keep 400 to 3400 Hz. In this grid no tone is another's harmonic near enough to be taken for it, and
// every tone is a whole number of cycles in one block, so that blocks add up to longer windows without leakage.
const LOW_TONES = [500, 700, 900, 1100, 1300]
const HIGH_TONES = [1700, 2100, 2500, 2900, 3300]
const TONES = [...LOW_TONES, ...HIGH_TONES]

// biome-ignore format: one row a low tone, one column a high tone; 1300 + 3300 Hz stays without a meaning
const GRID = [
  ['apple', 'bread', 'cloud', 'drum', 'eagle'],
  ['forest', 'garden', 'hill', 'island', 'jacket'],
  ['kettle', 'lemon', 'moon', 'night', 'ocean'],
  ['paper', 'queen', 'river', 'stone', 'table'],
  ['under', 'violet', 'water', 'yellow'],
]

/** Every word that can be said and heard. */
export const VOCABULARY: readonly string[] = GRID.flat()

const TONES_OF_WORD = new Map(
  GRID.flatMap((row, low) => row.map((word, high) => [word, [LOW_TONES[low]!, HIGH_TONES[high]!]] as const)),
)

const WORD_SECONDS = 0.3
/** Each of the two tones, as a part of full scale. */
const AMPLITUDE = 0.3
/** A tone that starts at once is a click, which codecs smear over the silence around it. */
const RAMP_SECONDS = 0.01

/** The words as one text, as a transcript of them reads. */
export function spokenText(words: readonly SpokenWord[]): string {
  return words.map(({ word }) => word).join(' ')
}

/**
 * Says words as pairs of sine tones: mono PCM of `seconds` at SAMPLE_RATE, silent between the words.
 * @throws Error where a word is unknown, overlaps the one before, or does not fit into the audio.
 */
export function renderWords(words: readonly SpokenWord[], seconds: number): Int16Array {
  const pcm = new Int16Array(Math.round(seconds * SAMPLE_RATE))
  let free = 0
  for (const { word, start, duration = WORD_SECONDS } of words) {
    const tones = TONES_OF_WORD.get(word)
    if (!tones) throw new Error(`"${word}" is not in the vocabulary: ${VOCABULARY.join(', ')}`)
    const first = Math.round(start * SAMPLE_RATE)
    const count = Math.round(duration * SAMPLE_RATE)
    if (first < free || first + count > pcm.length) {
      throw new Error(`"${word}" at ${start} s overlaps the word before it or the end of the audio`)
    }
    free = first + count
    const ramp = RAMP_SECONDS * SAMPLE_RATE
    for (let i = 0; i < count; i++) {
      const gain = AMPLITUDE * Math.min(1, i / ramp, (count - i) / ramp)
      const angle = (2 * Math.PI * i) / SAMPLE_RATE
      pcm[first + i] = 32_767 * gain * (Math.sin(tones[0] * angle) + Math.sin(tones[1] * angle))
    }
  }
  return pcm
}

// Edges are measured in blocks, for their times; words are recognised in frames of several blocks, for their tones: the
// longer the window, the narrower each tone's band, and the less noise in it.
const BLOCK = SAMPLE_RATE / 100
const FRAME_BLOCKS = 4
/** Mean square below which a block is silent: -50 dB of full scale. */
const SILENCE = 1e-5
/** The part of a frame's energy that must lie in its two tones. Noise, speech and music stay far below. */
const PURITY = 0.7
/** How much stronger one tone of a pair may be than the other, in energy. */
const TWIST = 8
/** The shortest tone pair that is a word, in seconds. What a cut leaves of a word shorter than this is not heard. */
const SHORTEST = 0.12

const COSINES = TONES.map(tone => wave(tone, Math.cos))
const SINES = TONES.map(tone => wave(tone, Math.sin))

function wave(tone: number, shape: (angle: number) => number): Float64Array {
  return Float64Array.from({ length: BLOCK }, (_, i) => shape((2 * Math.PI * tone * i) / SAMPLE_RATE))
}

/**
 * Finds the words in mono PCM at SAMPLE_RATE: those and no others, with their times to ±0.05 s after lossy coding.
 * Silence, noise, tone pairs outside the vocabulary and remains of less than 0.12 s are not words.
 * One word after another of the same tones needs 0.1 s of silence between the two to be heard twice.
 */
export function hearWords(pcm: Int16Array | Float32Array): HeardWord[] {
  const spectrum = analyse(pcm)
  const heard: HeardWord[] = []
  let block = 0
  while (block < spectrum.blocks) {
    const pair = spectrum.pairAt(block)
    if (!pair) {
      block++
      continue
    }
    let last = block
    while (samePair(spectrum.pairAt(last + 1), pair)) last++
    const word = GRID[pair.low]?.[pair.high]
    const { start, end } = spectrum.edges(pair, block, last + FRAME_BLOCKS)
    if (word && end - start >= SHORTEST) heard.push({ word, start, end })
    block = last + 1
  }
  return heard
}

interface Pair {
  readonly low: number
  readonly high: number
}

function samePair(a: Pair | undefined, b: Pair): boolean {
  return a !== undefined && a.low === b.low && a.high === b.high
}

/** The energy, and the complex amplitude at each tone, of every block of 10 ms. */
function analyse(pcm: Int16Array | Float32Array) {
  const scale = pcm instanceof Int16Array ? 1 / 32_768 : 1
  const blocks = Math.floor(pcm.length / BLOCK)
  const energy = new Float64Array(blocks)
  const real = new Float32Array(blocks * TONES.length)
  const imaginary = new Float32Array(blocks * TONES.length)

  for (let block = 0; block < blocks; block++) {
    const offset = block * BLOCK
    let squares = 0
    for (let i = 0; i < BLOCK; i++) squares += pcm[offset + i]! ** 2
    energy[block] = squares * scale * scale
    if (energy[block]! < SILENCE * BLOCK) continue
    for (let tone = 0; tone < TONES.length; tone++) {
      const cosine = COSINES[tone]!
      const sine = SINES[tone]!
      let re = 0
      let im = 0
      for (let i = 0; i < BLOCK; i++) {
        const sample = pcm[offset + i]!
        re += sample * cosine[i]!
        im += sample * sine[i]!
      }
      real[block * TONES.length + tone] = re * scale
      imaginary[block * TONES.length + tone] = im * scale
    }
  }

  /** The energy of one tone in `count` blocks from `block` on. */
  function toneEnergy(tone: number, block: number, count: number): number {
    let re = 0
    let im = 0
    for (let i = block; i < block + count; i++) {
      re += real[i * TONES.length + tone]!
      im += imaginary[i * TONES.length + tone]!
    }
    return (2 * (re * re + im * im)) / (count * BLOCK)
  }

  function strongest(from: number, to: number, block: number): { tone: number; energy: number } {
    let best = { tone: from, energy: -1 }
    for (let tone = from; tone < to; tone++) {
      const found = toneEnergy(tone, block, FRAME_BLOCKS)
      if (found > best.energy) best = { tone, energy: found }
    }
    return best
  }

  function pairAt(block: number): Pair | undefined {
    if (block + FRAME_BLOCKS > blocks) return undefined
    let total = 0
    for (let i = block; i < block + FRAME_BLOCKS; i++) total += energy[i]!
    if (total < SILENCE * BLOCK * FRAME_BLOCKS) return undefined
    const low = strongest(0, LOW_TONES.length, block)
    const high = strongest(LOW_TONES.length, TONES.length, block)
    if (low.energy + high.energy < PURITY * total) return undefined
    if (Math.max(low.energy, high.energy) > TWIST * Math.min(low.energy, high.energy)) return undefined
    return { low: low.tone, high: high.tone - LOW_TONES.length }
  }

  /** Seconds at which the pair rises above, and falls below, half of the amplitude that it has within [from, to). */
  function edges({ low, high }: Pair, from: number, to: number): { start: number; end: number } {
    const level = (block: number) => toneEnergy(low, block, 1) + toneEnergy(high + LOW_TONES.length, block, 1)
    const levels = Array.from({ length: to - from }, (_, i) => level(from + i)).sort((a, b) => a - b)
    const threshold = levels[levels.length >> 1]! / 4
    let start = from
    let end = to
    while (start < end && level(start) < threshold) start++
    while (end > start && level(end - 1) < threshold) end--
    // A frame is recognised only when most of it is tone, so the word may begin before the first and end after the last.
    while (start > 0 && level(start - 1) >= threshold) start--
    while (end < blocks && level(end) >= threshold) end++
    return { start: (start * BLOCK) / SAMPLE_RATE, end: (end * BLOCK) / SAMPLE_RATE }
  }

  return { blocks, pairAt, edges }
}
