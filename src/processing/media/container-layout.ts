import { type FileHandle, open } from 'node:fs/promises'
import { findBox, MAX_BOXES, readBoxes, readBytes } from '../programs/boxes.ts'
import { UNTIMED } from '../programs/raw-streams.ts'

/** The structure of a file, as far as browsers and seeking depend on it. */
export interface ContainerLayout {
  /** The format in which browsers can play the file and seek in it, if its codecs fit; undefined if its structure prevents this. */
  readonly plays: 'mp4' | 'webm' | 'mp3' | 'flac' | 'wav' | undefined
  /** Whether a seek finds its target without reading everything before it. */
  readonly indexed: boolean
}

/** Reads the structure of a file. Reads few bytes, however large the file is. @param format FFmpeg's names of the demuxer. */
export async function readContainerLayout(path: string, format: string): Promise<ContainerLayout> {
  const [demuxer = ''] = format.split(',')
  if (demuxer === 'flac' || demuxer === 'wav') return { plays: demuxer, indexed: true }
  if (UNTIMED.includes(demuxer)) return { plays: undefined, indexed: false }
  if (demuxer !== 'mov' && demuxer !== 'matroska' && demuxer !== 'mp3')
    return { plays: undefined, indexed: true }
  const file = await open(path)
  try {
    if (demuxer === 'mp3') return { plays: (await beginsWithSound(file)) ? 'mp3' : undefined, indexed: true }
    return await (demuxer === 'mov' ? readMovie(file) : readElements(file))
  } finally {
    await file.close()
  }
}

/** Browsers recognise MP3 only if the file begins with a tag or a frame. */
async function beginsWithSound(file: FileHandle): Promise<boolean> {
  const head = await readBytes(file, 0, 3)
  return head.toString('latin1') === 'ID3' || (head[0] === 0xff && (head[1] ?? 0) >= 0xe0)
}

async function readMovie(file: FileHandle): Promise<ContainerLayout> {
  const { size: end } = await file.stat()
  let mediaSeen = false
  for await (const box of readBoxes(file, 0, end)) {
    const { type, from } = box
    if (type === 'ftyp' && (await readBytes(file, from, 4)).toString('latin1') === 'qt  ') {
      return { plays: undefined, indexed: true }
    }
    if (type === 'moof') return { plays: undefined, indexed: false }
    if (type === 'moov') {
      // `mvex` means that the media is in fragments (ISO/IEC 14496-12 §8.8.1).
      const fragmented = (await findBox(file, box, 'mvex')) !== undefined
      return { plays: mediaSeen || fragmented ? undefined : 'mp4', indexed: !fragmented }
    }
    mediaSeen ||= type === 'mdat'
  }
  return { plays: undefined, indexed: true }
}

const EBML = 0x1a45dfa3
const DOC_TYPE = 0x4282
const SEGMENT = 0x18538067
const SEEK_HEAD = 0x114d9b74
const SEEK = 0x4dbb
const SEEK_ID = 0x53ab
const INFO = 0x1549a966
const DURATION = 0x4489
const CUES = 0x1c53bb6b
const CUES_ID = Buffer.from('1c53bb6b', 'hex')
const CLUSTER = 0x1f43b675

/** Looks for cues and a duration (RFC 8794 EBML, RFC 9559 Matroska). Recorders that write without seeking leave them out. */
async function readElements(file: FileHandle): Promise<ContainerLayout> {
  const found = { webm: false, cues: false, duration: false }
  const { size: end } = await file.stat()
  const visit = async (from: number, to: number, budget: { left: number }): Promise<void> => {
    for (let at = from; at < to && budget.left-- > 0; ) {
      const { id, size, header } = await readElement(file, at)
      if (id === CLUSTER || header === 0) return
      const body = at + header
      if (id === DOC_TYPE)
        found.webm = (await readBytes(file, body, Math.min(size, 16))).toString('latin1') === 'webm'
      if (id === DURATION) found.duration = true
      if (id === CUES) found.cues = true
      if (id === SEEK_ID && (await readBytes(file, body, 4)).equals(CUES_ID)) found.cues = true
      if (id === EBML || id === SEGMENT || id === SEEK_HEAD || id === SEEK || id === INFO) {
        await visit(body, Math.min(body + size, to), budget)
      }
      at = body + size
    }
  }
  await visit(0, end, { left: MAX_BOXES })
  return { plays: found.webm && found.cues && found.duration ? 'webm' : undefined, indexed: found.cues }
}

/** Reads the head of an element (RFC 8794 §4 and §5): leading zero bits give a number's length; a size of all ones is unknown. */
async function readElement(file: FileHandle, at: number) {
  const head = await readBytes(file, at, 12)
  const idLength = Math.clz32(head[0] ?? 0) - 23
  const sizeLength = Math.clz32(head[idLength] ?? 0) - 23
  if (idLength > 4 || sizeLength > 8 || head.length < idLength + sizeLength)
    return { id: 0, size: 0, header: 0 }
  let size = head[idLength]! & (0xff >> sizeLength)
  let unknown = size === 0xff >> sizeLength
  for (const byte of head.subarray(idLength + 1, idLength + sizeLength)) {
    size = size * 256 + byte
    unknown &&= byte === 0xff
  }
  const id = head.readUIntBE(0, idLength)
  return { id, size: unknown ? Number.MAX_SAFE_INTEGER / 2 : size, header: idLength + sizeLength }
}
