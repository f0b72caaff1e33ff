import { open, stat } from 'node:fs/promises'
import { StepError } from '../../base/errors.ts'
import type { Demuxer } from './container-names.ts'
import { framesOf, picturesOf } from './raw-streams.ts'
import { whyRefusedContainer } from './refused-containers.ts'

/** Enough for a tag with a cover before an MP3, or the run-in of an MXF (SMPTE ST 377-1 §6.5). */
const HEAD_BYTES = 64 * 1024
const ID3_HEADER_BYTES = 10
/** Tags that may follow each other. */
const MAX_TAGS = 8

/**
 * Recognises a container by its bytes only, so that a file's name or declared type cannot choose which parser runs.
 * @returns FFmpeg's name of the demuxer. @throws StepError `unsupported_media` if the container is not accepted.
 */
export async function recognise(path: string): Promise<Demuxer> {
  const found: Head = await readHead(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return {}
    throw error
  })
  if (found.demuxer) return found.demuxer
  const why = found.head && whyRefusedContainer(found.head)
  const message = why ?? 'The file is not a video or audio file of a kind that can be read.'
  throw new StepError('unsupported_media', message, { retryable: false })
}

interface Head {
  readonly demuxer?: Demuxer | undefined
  readonly head?: Buffer
}

async function readHead(path: string): Promise<Head> {
  // Opening a pipe would wait for its writer.
  if (!(await stat(path)).isFile()) return {}
  const file = await open(path, 'r')
  try {
    const read = async (position: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, position)
      return buffer.subarray(0, bytesRead)
    }
    const head = await read(0)
    let [at, afterTags] = [0, head]
    for (let tags = 0; tags < MAX_TAGS && id3Length(afterTags) > 0; tags++) {
      at += id3Length(afterTags)
      afterTags = await read(at)
    }
    return { demuxer: at > 0 ? taggedAudio(afterTags) : containerOf(head), head: afterTags }
  } finally {
    await file.close()
  }
}

type Signature = readonly [demuxer: Demuxer, at: number, bytes: string]

/** Latin-1 strings at fixed offsets, checked in order. */
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
  ['gif', 0, 'GIF8'],
  ['ape', 0, 'MAC '],
  ['wv', 0, 'wvpk'],
  ['tta', 0, 'TTA1'],
  ['mpc', 0, 'MP+'],
  ['mpc8', 0, 'MPCK'],
  ['dsf', 0, 'DSD '],
  ['yuv4mpegpipe', 0, 'YUV4MPEG2 '],
  ['truehd', 4, '\xf8\x72\x6f\xba'],
  ['mlp', 4, '\xf8\x72\x6f\xbb'],
]

/** Audio formats that may follow an ID3 tag. */
const TAGGED: readonly Demuxer[] = ['flac', 'ape', 'wv', 'tta', 'mpc', 'mpc8', 'dsf']

/** A file of a Video CD contains MPEG-1 in sectors. */
const RIFF: Readonly<Record<string, Demuxer>> = { 'AVI ': 'avi', WAVE: 'wav', CDXA: 'mpeg' }

function containerOf(head: Buffer): Demuxer | undefined {
  const text = head.toString('latin1')
  const form = text.slice(8, 12)
  switch (text.slice(0, 4)) {
    case 'RIFF':
      return RIFF[form]
    case 'RF64':
    case 'BW64':
      return form === 'WAVE' ? 'wav' : undefined
    case 'FORM':
      return form === 'AIFF' || form === 'AIFC' ? 'aiff' : undefined
    case 'FRM8':
      return text.slice(12, 16) === 'DSD ' ? 'iff' : undefined
    case '\x89PNG':
      // Only an animation has this chunk, before its first picture (Portable Network Graphics 3, §11.3.6.1).
      return text.includes('acTL') ? 'apng' : undefined
    case '\x1a\x45\xdf\xa3':
      // The document type is one of the EBML header's few elements (RFC 8794 §11.2.6).
      return /\x42\x82[\s\S]{1,8}(matroska|webm)/.test(text.slice(0, 120)) ? 'matroska' : undefined
  }
  const signature = SIGNATURES.find(([, at, bytes]) => text.startsWith(bytes, at))
  if (signature) return signature[0]
  if (isQuickTime(head)) return 'mov'
  if (isTransportStream(head)) return 'mpegts'
  if (isDv(head)) return 'dv'
  // The key of a header partition pack, after a run-in with any content.
  if (text.includes('\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02')) return 'mxf'
  if (isProgramStream(text)) return 'mpeg'
  const pictures = picturesOf(head)
  if (pictures) return pictures
  return framesOf(head)
}

function taggedAudio(head: Buffer): Demuxer | undefined {
  const text = head.toString('latin1', 0, 64)
  const signature = SIGNATURES.find(
    ([demuxer, at, bytes]) => TAGGED.includes(demuxer) && text.startsWith(bytes, at),
  )
  return signature?.[0] ?? framesOf(head)
}

/** ID3v2.4.0 §3.1: 28 bits in the lower seven of four bytes. */
function id3Length(head: Buffer): number {
  if (head.length < ID3_HEADER_BYTES || head.toString('latin1', 0, 3) !== 'ID3') return 0
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (head[at]! & 0x7f), 0)
  const footer = head[5]! & 0x10 ? ID3_HEADER_BYTES : 0
  return ID3_HEADER_BYTES + size + footer
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

/**
 * Packets of 188 bytes (ISO/IEC 13818-1 §2.4.3.2), with a time stamp before each (Blu-ray) or a checksum after it (DVB). Recordings that
 * begin in the middle of a packet, and joined files, have other bytes before the first.
 */
function isTransportStream(head: Buffer): boolean {
  for (let first = head.indexOf(0x47); first >= 0; first = head.indexOf(0x47, first + 1)) {
    const whole = [188, 192, 204].some(length => {
      let packets = 0
      while (head[first + packets * length] === 0x47 && packets < 16) packets++
      return packets === 16 || (packets >= 5 && first < length && first + packets * length >= head.length)
    })
    if (whole) return true
  }
  return false
}

/** A pack header (ISO/IEC 13818-1 §2.5.3.3, 11172-1 §2.4.3.2) and after it a second one or a packet; zeros or a partial pack may come first. */
function isProgramStream(text: string): boolean {
  const first = text.indexOf('\x00\x00\x01\xba')
  if (first < 0) return false
  const next = text.slice(first + 12, first + 32)
  return first === 0 || /\x00\x00\x01[\xbb-\xef]/.test(next)
}

/** A sequence begins with a header block and two subcode blocks of 80 bytes each (IEC 61834-2). */
function isDv(head: Buffer): boolean {
  if (head.length < 240 || head[0] !== 0x1f || head[1] !== 0x07) return false
  return [0, 0x20, 0x20].every((kind, index) => (head[index * 80]! & 0xe0) === kind)
}
