import { open, stat } from 'node:fs/promises'
import { StepError } from '../errors.ts'

/** How much of a file is looked at, in bytes: a tag with a cover before an MP3, or the run-in of an MXF (SMPTE ST 377-1 §6.5), fit. */
const HEAD = 64 * 1024
const ID3_HEADER = 10

/**
 * Recognises a container by its bytes, and by nothing else: neither a name nor a declared type can choose the program's code.
 * @returns FFmpeg's name of the demuxer. @throws StepError `unsupported_media` where it is none of ours.
 */
export async function recognise(path: string): Promise<string> {
  const demuxer = await look(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (demuxer) return demuxer
  throw new StepError(
    'unsupported_media',
    'The file is not a video or audio file of a kind that can be read.',
    {
      retryable: false,
    },
  )
}

async function look(path: string): Promise<string | undefined> {
  // Whoever opens a pipe waits for its writer.
  if (!(await stat(path)).isFile()) return undefined
  const file = await open(path, 'r')
  try {
    const read = async (position: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, position)
      return buffer.subarray(0, bytesRead)
    }
    const head = await read(0)
    const tag = id3Length(head)
    return tag > 0 ? taggedAudio(await read(tag)) : containerOf(head)
  } finally {
    await file.close()
  }
}

type Signature = readonly [demuxer: string, at: number, bytes: string]

/** Latin-1 strings at fixed places, checked in order. */
const SIGNATURES: readonly Signature[] = [
  ['ogg', 0, 'OggS'],
  ['flac', 0, 'fLaC'],
  ['flv', 0, 'FLV\x01'],
  ['asf', 0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c'],
  ['w64', 0, 'riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00'],
  ['caf', 0, 'caff\x00\x01'],
  ['amr', 0, '#!AMR'],
  ['au', 0, '.snd'],
  ['rm', 0, '.RMF\x00\x00'],
  ['nut', 0, 'nut/multimedia container\x00'],
  ['ivf', 0, 'DKIF\x00\x00'],
  ['mpeg', 0, '\x00\x00\x01\xba'],
]

function containerOf(head: Buffer): string | undefined {
  const text = head.toString('latin1')
  const form = text.slice(8, 12)
  switch (text.slice(0, 4)) {
    case 'RIFF':
      return form === 'AVI ' ? 'avi' : form === 'WAVE' ? 'wav' : undefined
    case 'RF64':
    case 'BW64':
      return form === 'WAVE' ? 'wav' : undefined
    case 'FORM':
      return form === 'AIFF' || form === 'AIFC' ? 'aiff' : undefined
    case '\x1a\x45\xdf\xa3':
      // The document type is one of the EBML header's few elements (RFC 8794 §11.2.6).
      return /\x42\x82[\s\S]{1,8}(matroska|webm)/.test(text.slice(0, 120)) ? 'matroska' : undefined
  }
  const signature = SIGNATURES.find(([, at, bytes]) => text.startsWith(bytes, at))
  if (signature) return signature[0]
  if (isQuickTime(head)) return 'mov'
  if (isTransportStream(head)) return 'mpegts'
  if (isDv(head)) return 'dv'
  // The key of a header partition pack, behind a run-in that may hold anything.
  if (text.includes('\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02')) return 'mxf'
  return framesOf(head)
}

function taggedAudio(behind: Buffer): string | undefined {
  return behind.toString('latin1', 0, 4) === 'fLaC' ? 'flac' : framesOf(behind)
}

/** ID3v2.4.0 §3.1: 28 bits in the lower seven of four bytes. */
function id3Length(head: Buffer): number {
  if (head.length < ID3_HEADER || head.toString('latin1', 0, 3) !== 'ID3') return 0
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (head[at]! & 0x7f), 0)
  const footer = head[5]! & 0x10 ? ID3_HEADER : 0
  return ID3_HEADER + size + footer
}

/** Boxes that an MP4 or QuickTime file can begin with (ISO/IEC 14496-12; QuickTime File Format, without ftyp). */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'free', 'wide', 'skip', 'pnot', 'styp', 'moof', 'sidx']

/** Major brands of still pictures in the same boxes (ISO/IEC 23008-12 §10.2; AV1 Image File Format §3). */
const STILL_BRANDS = ['avif', 'heic', 'heix', 'heim', 'heis', 'mif1']

function isQuickTime(head: Buffer): boolean {
  if (head.length < 16) return false
  const [type, brand] = [head.toString('latin1', 4, 8), head.toString('latin1', 8, 12)]
  if (type === 'ftyp' && STILL_BRANDS.includes(brand)) return false
  const size = head.readUInt32BE(0)
  return (size <= 1 || size >= 8) && FIRST_BOXES.includes(type)
}

/** Packets of 188 bytes (ISO/IEC 13818-1 §2.4.3.2), with a time stamp before them (Blu-ray) or a check behind them (DVB). */
function isTransportStream(head: Buffer): boolean {
  return [188, 192, 204].some(length => {
    for (let first = 0; first < length; first++) {
      let packets = 0
      while (head[first + packets * length] === 0x47 && packets < 16) packets++
      const seen = first + packets * length
      if (packets >= 5 && (packets === 16 || seen >= head.length)) return true
    }
    return false
  })
}

/** A sequence begins with a header block and two of subcode (IEC 61834-2), each of 80 bytes. */
function isDv(head: Buffer): boolean {
  if (head.length < 240 || head[0] !== 0x1f || head[1] !== 0x07) return false
  return [0, 0x20, 0x20].every((kind, index) => (head[index * 80]! & 0xe0) === kind)
}

/** How many frames of one kind have to follow each other: a few bytes look like a frame anywhere. */
const FRAMES = 6

/** What has no container: frames that follow each other exactly. Some begin within padding. */
function framesOf(head: Buffer): string | undefined {
  const kinds: readonly [string, (head: Buffer, at: number) => number][] = [
    ['aac', adtsLength],
    ['mp3', mpegAudioLength],
    ['ac3', ac3Length],
    ['eac3', eac3Length],
  ]
  for (let first = 0; first + 8 < head.length; first++) {
    if (head[first] !== 0xff && head[first] !== 0x0b) continue
    for (const [demuxer, lengthAt] of kinds) {
      let at = first
      let frames = 0
      while (frames < FRAMES && at + 8 <= head.length) {
        const length = lengthAt(head, at)
        if (length === 0 || head[at + 1] !== head[first + 1]) break
        at += length
        frames++
      }
      // A recording of a moment may have fewer; it then is nothing but them.
      if (frames === FRAMES || (frames > 0 && first === 0 && at === head.length)) return demuxer
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
