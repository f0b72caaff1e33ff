import type { FileHandle } from 'node:fs/promises'

/** Boxes before the media, or in one box: no playable file has more. */
export const MAX_BOXES = 1000

/** A box of an MP4 file. Offsets are bytes from the start of the file. */
export interface Box {
  readonly type: string
  /** The range of its contents. */
  readonly from: number
  readonly to: number
  /** Whether the file ends before the box does. */
  readonly cutOff?: boolean
}

/** ISO/IEC 14496-12 §4.2: a 32-bit size, a type and, if the size is 1, a 64-bit size. A size of 0 means "to the end". */
export async function readBox(file: FileHandle, at: number) {
  const head = await readBytes(file, at, 16)
  const type = head.toString('latin1', 4, 8)
  const size = head.length >= 8 ? head.readUInt32BE(0) : 0
  if (size === 0) return { size: Number.MAX_SAFE_INTEGER, type, header: 8 }
  if (size === 1 && head.length === 16) return { size: Number(head.readBigUInt64BE(8)), type, header: 16 }
  return { size, type, header: 8 }
}

/** Reads consecutive boxes, as far as they can be read. */
export async function* readBoxes(file: FileHandle, from: number, to: number): AsyncGenerator<Box> {
  let at = from
  for (let count = 0; at + 8 <= to && count < MAX_BOXES; count++) {
    const { size, type, header } = await readBox(file, at)
    if (size < header) return
    const end = at + size
    yield {
      type,
      from: at + header,
      to: Math.min(end, to),
      cutOff: end > to && size !== Number.MAX_SAFE_INTEGER,
    }
    at += size
  }
}

/** Finds the first box with a path of types, such as `mdia`, `hdlr`. */
export async function findBox(file: FileHandle, parent: Box, ...path: string[]): Promise<Box | undefined> {
  const [wanted, ...rest] = path
  if (wanted === undefined) return parent
  for await (const box of readBoxes(file, parent.from, parent.to)) {
    if (box.type === wanted) return findBox(file, box, ...rest)
  }
  return undefined
}

/** @returns fewer bytes at the end of the file. */
export async function readBytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  return buffer.subarray(0, bytesRead)
}
