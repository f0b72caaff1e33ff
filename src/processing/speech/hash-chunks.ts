import { createHash, type Hash } from 'node:crypto'
import { StepError } from '../../base/errors.ts'
import { SPEECH_RATE_HZ } from '../media/speech-mix.ts'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { Chunk } from './audio-chunks.ts'

const BYTES_PER_SAMPLE = 2

/**
 * Hashes the samples of each chunk: 16 kHz, mono, 16 bits, decoded from the extracted audio in one pass. A chunk keeps its hash when
 * the audio grows at its end, and whatever container or lossless codec the source has. Any change of the samples changes the hash.
 * @param chunks ordered by where they begin. @returns SHA-256 in hex, for each chunk.
 */
export async function hashChunks(
  input: string,
  chunks: readonly Chunk[],
  options: RunOptions,
): Promise<string[]> {
  const hashes = new ChunkHashes(chunks)
  const pcm = { map: ['0:a:0'], options: ['-ac', '1', '-ar', String(SPEECH_RATE_HZ)], format: 's16le' }
  await runFfmpeg({ input, outputs: [pcm], onOutput: bytes => hashes.add(bytes) }, options)
  return hashes.digests()
}

/** Distributes a stream of samples to the chunks, which may overlap. */
class ChunkHashes {
  readonly #ranges: readonly { from: number; to: number; hash: Hash }[]
  /** Bytes that were added. */
  #position = 0
  /** Index of the first range that is not complete. */
  #first = 0

  constructor(chunks: readonly Chunk[]) {
    this.#ranges = chunks.map(({ from, to }) => ({
      from: offsetOf(from),
      to: offsetOf(to),
      hash: createHash('sha256'),
    }))
  }

  add(bytes: Buffer): void {
    const end = this.#position + bytes.length
    for (let index = this.#first; index < this.#ranges.length; index++) {
      const { from, to, hash } = this.#ranges[index]!
      if (from >= end) break
      const [start, stop] = [Math.max(from, this.#position), Math.min(to, end)]
      if (start < stop) hash.update(bytes.subarray(start - this.#position, stop - this.#position))
      if (to <= end && index === this.#first) this.#first++
    }
    this.#position = end
  }

  /** @throws StepError if a chunk begins after the last sample: a hash of nothing would be equal for all such chunks. */
  digests(): string[] {
    return this.#ranges.map(({ from, hash }) => {
      if (from < this.#position) return hash.digest('hex')
      throw new StepError('internal', 'The extracted audio is incomplete.', { retryable: true })
    })
  }
}

function offsetOf(seconds: number): number {
  return BYTES_PER_SAMPLE * Math.round(seconds * SPEECH_RATE_HZ)
}
