import { sha256Hex, sha256Stream } from '../../base/hash.ts'
import type { FfmpegOutput } from '../programs/ffmpeg.ts'
import type { MediaStream } from './media-info.ts'
import { SILENCE_LEVEL_DB } from './prefer-audible.ts'

/** Chunks of speech begin and end at block boundaries, so several blocks must fit into the shortest silence. */
export const BLOCKS_PER_S = 10
const HASH_BYTES = 8
const BYTES_PER_SAMPLE = 2
/** SILENCE_LEVEL_DB as a 16-bit sample. The first block begins with the first sample that reaches it. */
const AUDIBLE_LEVEL = Math.round(2 ** 15 * 10 ** (SILENCE_LEVEL_DB / 20))
/** If all samples of a block are below this value, the block is quiet, like the padding that encoders add at the end. */
const QUIET_LEVEL = AUDIBLE_LEVEL / 6
const USUAL_RATE_HZ = 48_000
/** If the blocks last longer or shorter than the audio by more than this, the sample format is not the expected one, and they are discarded. */
const MAX_DIFFERENCE_S = 0.2

/**
 * Hashes of the decoded audio, block by block. The first block begins with the first audible sample, because containers put different
 * amounts of silence before the audio. A quiet block has the hash 0.
 */
export interface AudioBlocks {
  /** Start of the first block, in seconds. */
  readonly origin: number
  /** The blocks' hashes one after the other, in base64. */
  readonly hashes: string
}

/** Hashes the 16-bit samples of all audio streams that are transcribed together. ffmpeg makes them with `graph` and `output`. */
export class BlockHasher {
  readonly graph: readonly string[]
  readonly output: FfmpegOutput
  readonly #rate: number
  readonly #frameBytes: number
  readonly #hashes: Buffer[] = []
  #rest: Buffer = Buffer.alloc(0)
  /** Frames (one sample of each channel) before the first block. */
  #origin: number | undefined
  /** Frames so far. */
  #frames = 0

  /** @param label of this output in the filter graph. */
  constructor(streams: readonly Pick<MediaStream, 'index' | 'sampleRate' | 'channels'>[], label = 'blocks') {
    this.#rate = streams[0]?.sampleRate ?? USUAL_RATE_HZ
    this.#frameBytes = BYTES_PER_SAMPLE * streams.reduce((sum, { channels = 1 }) => sum + channels, 0)
    const format = `aresample=${this.#rate}:async=1:first_pts=0,aformat=sample_fmts=s16`
    const inputs = streams.map((_, at) => `[${label}${at}]`).join('')
    // `amerge` needs channel layouts. Streams that are transcribed together have one or two channels.
    const layout = (channels = 1) => `:channel_layouts=${channels === 1 ? 'mono' : 'stereo'}`
    this.graph =
      streams.length === 1
        ? [`[0:${streams[0]!.index}]${format}[${label}]`]
        : [
            ...streams.map(
              ({ index, channels }, at) => `[0:${index}]${format}${layout(channels)}[${label}${at}]`,
            ),
            `${inputs}amerge=inputs=${streams.length}[${label}]`,
          ]
    this.output = { map: [`[${label}]`], options: ['-c:a', 'pcm_s16le'], format: 's16le' }
  }

  /** Adds the next bytes of ffmpeg's output. */
  add(bytes: Buffer): void {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    let at = 0
    if (this.#origin === undefined) {
      const loud = indexOfSample(data, AUDIBLE_LEVEL)
      const quietFrames = Math.floor((loud < 0 ? data.length : loud * BYTES_PER_SAMPLE) / this.#frameBytes)
      at = quietFrames * this.#frameBytes
      this.#frames += quietFrames
      if (loud >= 0) this.#origin = this.#frames
    }
    if (this.#origin !== undefined) {
      for (let size = this.#nextSize(); at + size <= data.length; at += size, size = this.#nextSize()) {
        this.#addBlock(data.subarray(at, at + size))
      }
    }
    this.#rest = Buffer.from(data.subarray(at))
  }

  /** @param duration of the audio in seconds, to check the format. @returns undefined if nothing is audible, or if the check fails. */
  finish(duration?: number): AudioBlocks | undefined {
    if (this.#origin === undefined) return undefined
    if (this.#rest.length >= this.#frameBytes) this.#addBlock(this.#rest)
    const seconds = this.#frames / this.#rate
    if (duration !== undefined && Math.abs(seconds - duration) > MAX_DIFFERENCE_S) return undefined
    return { origin: this.#origin / this.#rate, hashes: Buffer.concat(this.#hashes).toString('base64') }
  }

  /** Bytes of the next block. If the rate is not divisible by BLOCKS_PER_S, some blocks have one frame more. */
  #nextSize(): number {
    const begin = (block: number) => Math.floor((block * this.#rate) / BLOCKS_PER_S)
    const block = this.#hashes.length
    return this.#frameBytes * (begin(block + 1) - begin(block))
  }

  #addBlock(bytes: Buffer): void {
    const hash =
      indexOfSample(bytes, QUIET_LEVEL) < 0
        ? Buffer.alloc(HASH_BYTES)
        : sha256Stream().update(bytes).digest().subarray(0, HASH_BYTES)
    this.#hashes.push(hash)
    this.#frames += Math.floor(bytes.length / this.#frameBytes)
  }
}

/** @returns the index of the first 16-bit sample whose absolute value is at least `level`; -1 if there is none. */
function indexOfSample(bytes: Buffer, level: number): number {
  for (let at = 0; at + 1 < bytes.length; at += BYTES_PER_SAMPLE) {
    const sample = bytes.readInt16LE(at)
    if (sample >= level || sample <= -level) return at / BYTES_PER_SAMPLE
  }
  return -1
}

/**
 * The hash of the audio between two times. Silence at the end does not change it.
 * @param from and @param to in seconds, at block boundaries. @returns SHA-256 in hex.
 */
export function hashOfBlocks({ origin, hashes }: AudioBlocks, from: number, to: number): string {
  const all = Buffer.from(hashes, 'base64')
  const blockAt = (seconds: number) => Math.max(0, (seconds - origin) * BLOCKS_PER_S)
  // The last block of the audio may be shorter.
  const [first, last] = [Math.round(blockAt(from)), Math.ceil(blockAt(to) - 0.001)]
  const blocks = all.subarray(HASH_BYTES * first, HASH_BYTES * last)
  let end = blocks.length
  while (end > 0 && blocks.subarray(end - HASH_BYTES, end).every(byte => byte === 0)) end -= HASH_BYTES
  return sha256Hex(blocks.subarray(0, end))
}
