/** Limit of pairs in a waveform, however long the audio is. */
const MAX_PAIRS = 2000
/** The smallest number of samples that one pair covers. */
const MIN_SAMPLES = 256

/**
 * A waveform in the JSON format of BBC's audiowaveform (version 2). For each `samples_per_pixel` samples, `data` has the lowest and the
 * highest value, from -128 to 127.
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
export function samplesPerPair(duration: number, sampleRate: number): number {
  if (duration <= 0) return sampleRate
  return Math.max(MIN_SAMPLES, Math.ceil((duration * sampleRate) / MAX_PAIRS))
}

/**
 * @param lowest and @param highest value of each group of samples, from -1 to 1.
 * @param samples of a group. If the audio is longer than expected, groups are merged.
 */
export function peaksOf(
  lowest: readonly number[],
  highest: readonly number[],
  samples: number,
  sampleRate: number,
): Peaks {
  const groupsPerPair = Math.max(1, Math.ceil(lowest.length / MAX_PAIRS))
  const data: number[] = []
  for (let at = 0; at < lowest.length; at += groupsPerPair) {
    data.push(toByte(Math.min(...lowest.slice(at, at + groupsPerPair))))
    data.push(toByte(Math.max(...highest.slice(at, at + groupsPerPair))))
  }
  return {
    version: 2,
    channels: 1,
    sample_rate: sampleRate,
    samples_per_pixel: samples * groupsPerPair,
    bits: 8,
    length: data.length / 2,
    data,
  }
}

function toByte(level: number): number {
  return Math.max(-128, Math.min(127, Math.round(level * 127)))
}
