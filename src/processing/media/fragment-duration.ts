import { type FileHandle, open } from 'node:fs/promises'
import { type Box, findBox, readBoxes, readBytes } from '../programs/boxes.ts'

/** Limit of bytes of a segment index: enough for days of one-second segments. */
const MAX_INDEX_BYTES = 4 * 2 ** 20

/**
 * The duration that a fragmented MP4 declares. If the file is cut off between two fragments, FFmpeg reports only the remaining ones.
 * ISO/IEC 14496-12 §8.8.2 (`mehd`) and §8.16.3 (`sidx`). @returns seconds; 0 if it declares none.
 */
export async function readFragmentDuration(path: string): Promise<number> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    let declared = 0
    for await (const box of readBoxes(file, 0, size)) {
      if (box.type === 'moov') declared = Math.max(declared, await fromHeader(file, box))
      // A file of concatenated segments has one index for each.
      if (box.type === 'sidx') declared = Math.max(declared, await fromIndex(file, box))
    }
    return declared
  } finally {
    await file.close()
  }
}

async function fromHeader(file: FileHandle, moov: Box): Promise<number> {
  const [mvhd, mehd] = [await findBox(file, moov, 'mvhd'), await findBox(file, moov, 'mvex', 'mehd')]
  if (!mvhd || !mehd) return 0
  const [header, extends_] = [await readBytes(file, mvhd.from, 24), await readBytes(file, mehd.from, 12)]
  if (header.length < 24 || extends_.length < 8) return 0
  const scale = header.readUInt32BE(header[0] === 1 ? 20 : 12)
  const long = extends_[0] === 1 && extends_.length === 12
  const ticks = long ? Number(extends_.readBigUInt64BE(4)) : extends_.readUInt32BE(4)
  return scale > 0 ? ticks / scale : 0
}

async function fromIndex(file: FileHandle, { from, to }: Box): Promise<number> {
  const index = await readBytes(file, from, Math.min(to - from, MAX_INDEX_BYTES))
  const first = index[0] === 1 ? 32 : 24
  if (index.length < first) return 0
  const scale = index.readUInt32BE(8)
  let ticks = 0
  for (let at = first; at + 12 <= index.length; at += 12) ticks += index.readUInt32BE(at + 4)
  return scale > 0 ? ticks / scale : 0
}
