/** Pairs of a waveform, however long the sound is. */
const MAX_PAIRS = 2000
/** Samples that one pair covers, at least. */
const MIN_SAMPLES = 256

/**
 * The outline of a sound in the JSON format of BBC's audiowaveform (version 2). For each `samples_per_pixel` samples, `data` has the lowest
 * and the highest value, from -128 to 127.
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

/** @param duration in seconds, 0 if unknown. @returns the samples that one pair covers. */
export function samplesAPair(duration: number, sampleRate: number): number {
  if (duration <= 0) return sampleRate
  return Math.max(MIN_SAMPLES, Math.ceil((duration * sampleRate) / MAX_PAIRS))
}

/**
 * @param lowest and @param highest value of each stretch of samples, from -1 to 1.
 * @param samples of a stretch. If the sound is longer than expected, stretches are merged.
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
