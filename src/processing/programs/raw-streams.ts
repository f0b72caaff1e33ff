import type { Demuxer } from './container-names.ts'

/** Frames of one kind in a row: a few bytes look like a frame anywhere. */
const MIN_FRAMES = 6

/** Recognises audio without a container: frames without gaps, perhaps after padding. */
export function framesOf(head: Buffer): Demuxer | undefined {
  const kinds: readonly [Demuxer, (head: Buffer, at: number) => number][] = [
    ['aac', adtsLength],
    ['mp3', mpegAudioLength],
    ['ac3', ac3Length],
    ['eac3', eac3Length],
    ['dts', dtsLength],
  ]
  for (let first = 0; first + 8 < head.length; first++) {
    if (![0xff, 0x0b, 0x7f].includes(head[first]!)) continue
    for (const [demuxer, lengthAt] of kinds) {
      let at = first
      let frames = 0
      while (frames < MIN_FRAMES && at + 8 <= head.length) {
        const length = lengthAt(head, at)
        if (length === 0 || head[at + 1] !== head[first + 1]) break
        at += length
        frames++
      }
      // A very short recording may have fewer; the file then contains nothing else.
      if (frames === MIN_FRAMES || (frames > 0 && first === 0 && at === head.length)) return demuxer
    }
  }
  return undefined
}

/** ISO/IEC 13818-7 §6.2. @returns bytes; 0 where no frame begins. */
function adtsLength(head: Buffer, at: number): number {
  if (head[at] !== 0xff || (head[at + 1]! & 0xf6) !== 0xf0) return 0
  const length = ((head[at + 3]! & 3) << 11) | (head[at + 4]! << 3) | (head[at + 5]! >> 5)
  return length > 7 ? length : 0
}

const BIT_RATES: Record<string, readonly number[]> = {
  '1-1': [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1-2': [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1-3': [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2-1': [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2-2': [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  '2-3': [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}

/** ISO/IEC 11172-3 §2.4.2.3 and 13818-3, layers 1 to 3. @returns bytes; 0 where no frame begins. */
function mpegAudioLength(head: Buffer, at: number): number {
  if (head[at] !== 0xff || (head[at + 1]! & 0xe0) !== 0xe0) return 0
  const [version, layer] = [(head[at + 1]! >> 3) & 3, 4 - ((head[at + 1]! >> 1) & 3)]
  const [rate, frequency] = [head[at + 2]! >> 4, (head[at + 2]! >> 2) & 3]
  if (version === 1 || layer === 4 || rate === 0 || rate === 15 || frequency === 3) return 0
  const bits = BIT_RATES[`${version === 3 ? 1 : 2}-${layer}`]![rate - 1]! * 1000
  const hertz = [44_100, 48_000, 32_000][frequency]! / (version === 3 ? 1 : version === 2 ? 2 : 4)
  const padding = (head[at + 2]! >> 1) & 1
  if (layer === 1) return (Math.floor((12 * bits) / hertz) + padding) * 4
  return Math.floor(((layer === 3 && version !== 3 ? 72 : 144) * bits) / hertz) + padding
}

const AC3_RATES = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640]

/** ETSI TS 102 366 §4.3.1. @returns bytes; 0 where no frame begins. */
function ac3Length(head: Buffer, at: number): number {
  if (head[at] !== 0x0b || head[at + 1] !== 0x77 || head[at + 5]! >> 3 > 10) return 0
  const [frequency, code] = [head[at + 4]! >> 6, head[at + 4]! & 0x3f]
  const rate = AC3_RATES[code >> 1]
  if (rate === undefined || frequency === 3) return 0
  if (frequency === 1) return 2 * (Math.floor((rate * 320) / 147) + (code & 1))
  return frequency === 0 ? rate * 4 : rate * 6
}

/** ETSI TS 102 366 §E.1.2. @returns bytes; 0 where no frame begins. */
function eac3Length(head: Buffer, at: number): number {
  if (head[at] !== 0x0b || head[at + 1] !== 0x77) return 0
  const version = head[at + 5]! >> 3
  return version > 10 && version <= 16 ? 2 * ((((head[at + 2]! & 7) << 8) | head[at + 3]!) + 1) : 0
}

/** ETSI TS 102 114 §5.3, in words of 16 bits from the highest byte. @returns bytes; 0 where no frame begins. */
function dtsLength(head: Buffer, at: number): number {
  if (head.readUInt32BE(at) !== 0x7ffe8001) return 0
  const length = (((head[at + 5]! & 3) << 12) | (head[at + 6]! << 4) | (head[at + 7]! >> 4)) + 1
  return length > 95 ? length : 0
}

/** ISO/IEC 14496-10 §7.3.1 and 23008-2 §7.3.1.2: a start code and, after it, the unit's type. Zeros may come first. */
const START_CODE = /^\x00*\x00\x00\x01/

/**
 * Recognises video without a container: H.264 begins with a sequence parameter set or a delimiter, HEVC with a video parameter set or a
 * delimiter, MPEG-1 and 2 with a sequence header, and MPEG-4 Part 2 with the header of a sequence of objects.
 * @returns FFmpeg's name of the demuxer.
 */
export function picturesOf(head: Buffer): Demuxer | undefined {
  const [code] = START_CODE.exec(head.toString('latin1', 0, 1024)) ?? []
  if (code === undefined) return undefined
  const [first = 0, second = 0] = head.subarray(code.length)
  if (first === 0xb3) return 'mpegvideo'
  if (first === 0xb0) return 'm4v'
  // H.264: the forbidden bit is 0, and parameter sets are references.
  if (first === 0x09 || (first & 0x9f) === 0x07) return 'h264'
  // HEVC: layer 0, and the first temporal layer.
  return (first === 0x40 || first === 0x46) && second === 0x01 ? 'hevc' : undefined
}

/** Demuxers of streams without times: FFmpeg assumes 25 pictures per second, in decoding order. */
export const UNTIMED: readonly string[] = ['h264', 'hevc']
