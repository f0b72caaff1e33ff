/** The most pairs of a waveform, however long the sound is. */
const MAX_PAIRS = 2000
/** The fewest samples that a pair stands for. */
const MIN_SAMPLES = 256

/**
 * The outline of a sound, in the JSON format of BBC's audiowaveform (version 2): `data` holds the lowest and the highest of each
 * `samples_per_pixel` samples in turn, from -128 to 127.
 */
export interface Peaks {
  readonly version: 2
  readonly channels: 1
  readonly sample_rate: number
  readonly samples_per_pixel: number
  readonly bits: 8
  /** Pairs in `data`. */
  readonly length: number
  readonly data: readonly number[]
}

/** How many samples a pair stands for. @param duration in seconds, 0 where it is not known. */
export function samplesAPair(duration: number, sampleRate: number): number {
  if (duration <= 0) return sampleRate
  return Math.max(MIN_SAMPLES, Math.ceil((duration * sampleRate) / MAX_PAIRS))
}

/**
 * @param lowest and @param highest of each stretch of samples, from -1 to 1.
 * @param samples that a stretch has. Where the sound turned out longer than it was said to be, stretches are put together.
 */
export function peaksOf(
  lowest: readonly number[],
  highest: readonly number[],
  samples: number,
  sampleRate: number,
): Peaks {
  const together = Math.max(1, Math.ceil(lowest.length / MAX_PAIRS))
  const data: number[] = []
  for (let at = 0; at < lowest.length; at += together) {
    data.push(toByte(Math.min(...lowest.slice(at, at + together))))
    data.push(toByte(Math.max(...highest.slice(at, at + together))))
  }
  return {
    version: 2,
    channels: 1,
    sample_rate: sampleRate,
    samples_per_pixel: samples * together,
    bits: 8,
    length: data.length / 2,
    data,
  }
}

function toByte(level: number): number {
  return Math.max(-128, Math.min(127, Math.round(level * 127)))
}
