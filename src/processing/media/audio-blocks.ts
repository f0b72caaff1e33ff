import { sha256Hex, sha256Stream } from '../../base/hash.ts'
import type { FfmpegOutput } from '../programs/ffmpeg.ts'
import type { MediaStream } from './media-info.ts'
import { SILENCE_LEVEL_DB } from './prefer-audible.ts'

/** Chunks of speech begin and end with a block, so several blocks fit into the shortest silence. */
export const BLOCKS_PER_S = 10
/** Bytes of the hash of a block. */
const DIGEST_BYTES = 8
const BYTES_PER_SAMPLE = 2
/** The first block begins with the first sample of this value: that of SILENCE_LEVEL_DB. */
const AUDIBLE = Math.round(2 ** 15 * 10 ** (SILENCE_LEVEL_DB / 20))
/** A block whose samples are all below this value is quiet, as what encoders add at the end. */
const FAINT = AUDIBLE / 6
const USUAL_RATE_HZ = 48_000
/** The blocks are discarded if they last longer or shorter than the audio by more than this: the format is then not what we assumed. */
const MAX_DIFFERENCE_S = 0.2

/**
 * Hashes of the decoded sound, block by block. The first block begins with the first sample that can be heard, so that the silence that
 * some containers put before the sound makes no difference. A quiet block has the hash 0.
 */
export interface AudioBlocks {
  /** Where the first block begins, in seconds. */
  readonly origin: number
  /** The blocks' hashes one after the other, in base64. */
  readonly hashes: string
}

/** What to decode for the blocks: samples of 16 bits at the source's own rate, of all sounds that are transcribed together. */
export class BlockHasher {
  readonly graph: readonly string[]
  readonly output: FfmpegOutput
  readonly #rate: number
  readonly #frameBytes: number
  readonly #digests: Buffer[] = []
  #rest: Buffer = Buffer.alloc(0)
  /** Frames (one sample of each channel) before the first block, and in all. */
  #origin: number | undefined
  #frames = 0

  /** @param label of this output in the filter graph. */
  constructor(sounds: readonly Pick<MediaStream, 'index' | 'sampleRate' | 'channels'>[], label = 'blocks') {
    this.#rate = sounds[0]?.sampleRate ?? USUAL_RATE_HZ
    this.#frameBytes = BYTES_PER_SAMPLE * sounds.reduce((sum, { channels = 1 }) => sum + channels, 0)
    const format = `aresample=${this.#rate}:async=1:first_pts=0,aformat=sample_fmts=s16`
    const inputs = sounds.map((_, at) => `[${label}${at}]`).join('')
    // `amerge` needs to know layouts. Several sounds are microphones, of one or two channels.
    const layout = (channels = 1) => `:channel_layouts=${channels === 1 ? 'mono' : 'stereo'}`
    this.graph =
      sounds.length === 1
        ? [`[0:${sounds[0]!.index}]${format}[${label}]`]
        : [
            ...sounds.map(
              ({ index, channels }, at) => `[0:${index}]${format}${layout(channels)}[${label}${at}]`,
            ),
            `${inputs}amerge=inputs=${sounds.length}[${label}]`,
          ]
    this.output = { map: [`[${label}]`], options: ['-c:a', 'pcm_s16le'], format: 's16le' }
  }

  /** Takes the bytes of the output. */
  add(bytes: Buffer): void {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    let at = 0
    if (this.#origin === undefined) {
      const loud = indexOfSample(data, AUDIBLE)
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

  /** @param duration in seconds, if the format is not certain. @returns undefined if nothing is audible, or not as much as expected. */
  finish(duration?: number): AudioBlocks | undefined {
    if (this.#origin === undefined) return undefined
    if (this.#rest.length >= this.#frameBytes) this.#addBlock(this.#rest)
    const seconds = this.#frames / this.#rate
    if (duration !== undefined && Math.abs(seconds - duration) > MAX_DIFFERENCE_S) return undefined
    return { origin: this.#origin / this.#rate, hashes: Buffer.concat(this.#digests).toString('base64') }
  }

  /** Bytes of the next block: if the rate is not divisible, some blocks have a frame more. */
  #nextSize(): number {
    const begin = (block: number) => Math.floor((block * this.#rate) / BLOCKS_PER_S)
    const block = this.#digests.length
    return this.#frameBytes * (begin(block + 1) - begin(block))
  }

  #addBlock(bytes: Buffer): void {
    const digest =
      indexOfSample(bytes, FAINT) < 0
        ? Buffer.alloc(DIGEST_BYTES)
        : sha256Stream().update(bytes).digest().subarray(0, DIGEST_BYTES)
    this.#digests.push(digest)
    this.#frames += Math.floor(bytes.length / this.#frameBytes)
  }
}

/** @returns the number of the first 16-bit sample of at least a value, positive or negative; -1 if there is none. */
function indexOfSample(bytes: Buffer, least: number): number {
  for (let at = 0; at + 1 < bytes.length; at += BYTES_PER_SAMPLE) {
    const sample = bytes.readInt16LE(at)
    if (sample >= least || sample <= -least) return at / BYTES_PER_SAMPLE
  }
  return -1
}

/**
 * The hash of what can be heard between two times, which silence at the end does not change.
 * @param from and @param to in seconds, at the ends of blocks. @returns SHA-256 in hex.
 */
export function hashOfBlocks({ origin, hashes }: AudioBlocks, from: number, to: number): string {
  const all = Buffer.from(hashes, 'base64')
  const blockAt = (seconds: number) => Math.max(0, (seconds - origin) * BLOCKS_PER_S)
  // The last block of the audio may be shorter.
  const [first, last] = [Math.round(blockAt(from)), Math.ceil(blockAt(to) - 0.001)]
  const blocks = all.subarray(DIGEST_BYTES * first, DIGEST_BYTES * last)
  let end = blocks.length
  while (end > 0 && blocks.subarray(end - DIGEST_BYTES, end).every(byte => byte === 0)) end -= DIGEST_BYTES
  return sha256Hex(blocks.subarray(0, end))
}
