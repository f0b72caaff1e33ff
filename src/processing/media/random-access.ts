import { type FileHandle, open } from 'node:fs/promises'
import { type Box, findBox, readBoxes, readBytes } from '../programs/boxes.ts'
import { readPackets } from './inspect.ts'
import type { MediaStream } from './media-info.ts'

/** Limit of NAL units before the picture in a sample, such as parameter sets. */
const MAX_UNITS = 200

/**
 * Checks in the bitstream that a browser's decoder can start at each key frame of a file. Containers also mark recovery points as key
 * frames: FFmpeg can start at them, but browsers cannot.
 * @param path an MP4 or a WebM. @returns the fault, or undefined.
 */
export async function findFalseKeyFrame(
  path: string,
  picture: MediaStream,
  signal: AbortSignal,
): Promise<string | undefined> {
  const keys: number[] = []
  let first: boolean | undefined
  await readPackets(
    path,
    { stream: picture.index },
    ({ key, position }) => {
      first ??= key
      if (key) keys.push(position)
    },
    signal,
  )
  if (!first) return 'it does not begin with a key frame'
  const file = await open(path)
  try {
    const isKey = await keyTest(file, picture)
    for (const position of keys) {
      if (!(await isKey?.(position))) return `a decoder cannot begin at the key frame at byte ${position}`
    }
  } finally {
    await file.close()
  }
  return undefined
}

type KeyTest = (position: number) => Promise<boolean>

async function keyTest(file: FileHandle, { codec, index }: MediaStream): Promise<KeyTest | undefined> {
  if (codec === 'vp8' || codec === 'vp9') return position => isVpKey(file, position, codec)
  if (codec !== 'h264') return undefined
  const lengthSize = await nalLengthSize(file, index)
  return position => isIdr(file, position, lengthSize)
}

/** No picture after an IDR picture (NAL unit type 5) depends on earlier ones (ITU-T H.264 §7.4.1.2.4, ISO/IEC 14496-15 §5.3.3). */
async function isIdr(file: FileHandle, position: number, lengthSize: number): Promise<boolean> {
  let at = position
  for (let unit = 0; unit < MAX_UNITS; unit++) {
    const head = await readBytes(file, at, lengthSize + 1)
    if (head.length <= lengthSize) return false
    const type = head[lengthSize]! & 0x1f
    if (type >= 1 && type <= 5) return type === 5
    at += lengthSize + head.readUIntBE(0, lengthSize)
  }
  return false
}

/** The size of the length field before each NAL unit, in bytes (ISO/IEC 14496-15 §5.3.3.1). */
async function nalLengthSize(file: FileHandle, track: number): Promise<number> {
  const { size } = await file.stat()
  const moov = await findBox(file, { type: '', from: 0, to: size }, 'moov')
  const tracks: Box[] = []
  if (moov)
    for await (const box of readBoxes(file, moov.from, moov.to)) if (box.type === 'trak') tracks.push(box)
  const trak = tracks[track]
  const stsd = trak && (await findBox(file, trak, 'mdia', 'minf', 'stbl', 'stsd'))
  const description = stsd
    ? await readBytes(file, stsd.from, Math.min(stsd.to - stsd.from, 4096))
    : Buffer.alloc(0)
  const record = description.indexOf('avcC')
  return record < 0 ? 4 : ((description[record + 8] ?? 3) & 3) + 1
}

/**
 * The first bits of a frame show whether it is a key frame (RFC 6386 §9.1; VP9 bitstream specification §6.2). Before the frame, a block has the
 * track number, two bytes of time and one byte of flags (RFC 9559 §10.2).
 */
async function isVpKey(file: FileHandle, position: number, codec: 'vp8' | 'vp9'): Promise<boolean> {
  const block = await readBytes(file, position, 16)
  const header = Math.clz32(block[0] ?? 0) - 23 + 3
  const frame = block[header]
  if (frame === undefined) return false
  if (codec === 'vp8') return (frame & 1) === 0
  // From the highest bit: marker (2 bits), profile (2 bits), `show_existing_frame`, `frame_type`.
  return (frame & 0b0000_1100) === 0
}
