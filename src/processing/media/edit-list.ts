import { type FileHandle, open } from 'node:fs/promises'
import { type Box, findBox, readBoxes, readBytes } from '../programs/boxes.ts'

/** How a track is presented (ISO/IEC 14496-12 §8.6.6). Times are seconds. */
export interface Presentation {
  /** Time before the track begins. */
  readonly delay: number
  /** Start of the first edit, in the time of the media. */
  readonly start: number
  /**
   * Whether all of the media is presented, once and at its own speed. If not, a copy would show what the owner cut off. Undefined for
   * fragmented files, because only their packets show it.
   */
  readonly whole: boolean | undefined
  /** End of the last sample; undefined for fragmented files, or if the file is cut off. */
  readonly end: number | undefined
}

/** Enough for a day of frames whose durations all differ. */
const MAX_TABLE_BYTES = 32 * 2 ** 20
/** Encoders add up to this much audio before and after their input. */
export const PADDING_S = 0.15
/** The share of a frame that may be missing at the end, because times are rounded. */
const PICTURE_SLACK_SHARE = 0.6

/**
 * Reads how each track of an MP4 or QuickTime file is presented, in the order of FFmpeg's streams.
 * @param tableBytes limit of bytes of tables to read. Tracks whose tables do not fit count as not whole.
 */
export async function readPresentations(
  path: string,
  tableBytes = Number.POSITIVE_INFINITY,
): Promise<(Presentation | undefined)[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    let [moov, complete]: [Box | undefined, boolean] = [undefined, true]
    for await (const box of readBoxes(file, 0, size)) {
      if (box.type === 'moov') moov ??= box
      complete &&= !box.cutOff
    }
    if (!moov) return []
    const movieScale = await timescale(file, await findBox(file, moov, 'mvhd'))
    const presentations: (Presentation | undefined)[] = []
    const budget = { bytes: tableBytes }
    for await (const box of readBoxes(file, moov.from, moov.to)) {
      if (box.type !== 'trak') continue
      const presentation = await readTrack(file, box, { movieScale, budget })
      presentations.push(presentation && { ...presentation, end: complete ? presentation.end : undefined })
    }
    return presentations
  } finally {
    await file.close()
  }
}

interface Edit {
  /** Seconds; 0 means until the end of the media. */
  readonly duration: number
  /** Seconds from the start of the media; undefined for an empty edit. */
  readonly start: number | undefined
  readonly rate: number
}

/** Limit of bytes of tables for an HTTP request: enough for hours of frames whose durations all differ. */
const QUICK_TABLE_BYTES = 8 * 2 ** 20

/**
 * Whether an edit list may leave out, repeat or stretch a part of a file; also true if only the packets would show it. Reads few bytes, and is
 * safe for untrusted files. Formats other than MP4 and QuickTime have no edit list.
 */
export async function mayBeTrimmed(path: string): Promise<boolean> {
  const presentations = await readPresentations(path, QUICK_TABLE_BYTES)
  // For fragmented files only the packets would show it. Encoders shift the start by no more than PADDING_S.
  return presentations.some(each => each && !(each.whole ?? each.start <= PADDING_S))
}

interface Reading {
  readonly movieScale: number
  /** Bytes of tables that can still be read. */
  readonly budget: { bytes: number }
}

async function readTrack(
  file: FileHandle,
  trak: Box,
  { movieScale, budget }: Reading,
): Promise<Presentation | undefined> {
  const elst = await findBox(file, trak, 'edts', 'elst')
  const mdhd = await findBox(file, trak, 'mdia', 'mdhd')
  const stbl = await findBox(file, trak, 'mdia', 'minf', 'stbl')
  const hdlr = await findBox(file, trak, 'mdia', 'hdlr')
  if (!mdhd || !stbl || !hdlr) return undefined
  const scale = await timescale(file, mdhd)
  if (elst) budget.bytes -= elst.to - elst.from
  const media = budget.bytes < 0 ? undefined : await readMedia(file, stbl, { scale, budget })
  if (!media) return { delay: 0, start: 0, whole: false, end: undefined }
  const edits = elst ? await readEdits(file, elst, { movieScale, scale }) : []
  const picture = (await readBytes(file, hdlr.from + 8, 4)).toString('latin1') === 'vide'
  return present(edits, media, picture)
}

function present(edits: readonly Edit[], media: Media, picture: boolean): Presentation {
  const fragmented = media.duration === 0
  const mediaEnd = media.first + media.duration
  if (edits.length === 0) return { delay: 0, start: 0, whole: true, end: fragmented ? undefined : mediaEnd }
  const firstShown = edits.findIndex(({ start }) => start !== undefined)
  const before = edits.slice(0, firstShown < 0 ? edits.length : firstShown)
  const shown = firstShown < 0 ? [] : edits.slice(firstShown)
  const delay = sum(before)
  const [first] = shown
  const start = first?.start ?? 0
  const toEnd = first?.duration === 0
  if (fragmented)
    return {
      delay,
      start,
      whole: shown.length === 1 && first!.rate === 1 ? undefined : false,
      end: undefined,
    }
  const slack = picture ? PICTURE_SLACK_SHARE * media.mean : PADDING_S
  const whole =
    shown.length === 1 &&
    first!.rate === 1 &&
    start <= media.first + (picture ? 0.001 : PADDING_S) &&
    (toEnd || start + first!.duration >= media.duration - slack)
  return { delay, start, whole, end: delay + (toEnd ? mediaEnd - start : sum(shown)) }
}

function sum(edits: readonly Edit[]): number {
  return edits.reduce((total, { duration }) => total + duration, 0)
}

/** Reads an edit list (§8.6.6.2). Its version decides whether times have 32 or 64 bits. Rates are fixed-point numbers of 16.16 bits. */
async function readEdits(
  file: FileHandle,
  { from, to }: Box,
  { movieScale, scale }: { movieScale: number; scale: number },
): Promise<Edit[]> {
  const table = await readBytes(file, from, Math.min(to - from, MAX_TABLE_BYTES))
  if (table.length < 8) return []
  const long = table[0] === 1
  const width = long ? 20 : 12
  const count = Math.min(table.readUInt32BE(4), Math.floor((table.length - 8) / width))
  return Array.from({ length: count }, (_, index) => {
    const at = 8 + index * width
    const duration = long ? Number(table.readBigUInt64BE(at)) : table.readUInt32BE(at)
    const start = long ? Number(table.readBigInt64BE(at + 8)) : table.readInt32BE(at + 4)
    return {
      duration: duration / movieScale,
      start: start < 0 ? undefined : start / scale,
      rate: table.readInt32BE(at + width - 4) / 2 ** 16,
    }
  })
}

/** Seconds. */
interface Media {
  /** Duration of all samples; 0 if they are in fragments. */
  readonly duration: number
  /** The mean duration of a sample. */
  readonly mean: number
  /** Time of the first sample. */
  readonly first: number
}

async function readMedia(
  file: FileHandle,
  stbl: Box,
  { scale, budget }: { scale: number; budget: Reading['budget'] },
): Promise<Media | undefined> {
  const [durations, offsets] = [await findBox(file, stbl, 'stts'), await findBox(file, stbl, 'ctts')]
  const size = durations ? Math.min(durations.to - durations.from, MAX_TABLE_BYTES) : 0
  budget.bytes -= size
  if (budget.bytes < 0) return undefined
  const table = durations ? await readBytes(file, durations.from, size) : Buffer.alloc(0)
  let [count, ticks] = [0, 0]
  for (let at = 8; at + 8 <= table.length; at += 8) {
    count += table.readUInt32BE(at)
    ticks += table.readUInt32BE(at) * table.readUInt32BE(at + 4)
  }
  const offset = offsets ? await readBytes(file, offsets.from, 16) : Buffer.alloc(0)
  const first = offset.length === 16 ? offset.readInt32BE(12) / scale : 0
  const duration = ticks / scale
  return { duration, mean: count > 0 ? duration / count : 0, first }
}

/** @returns ticks per second of a movie or media header (§8.2.2, §8.4.2). */
async function timescale(file: FileHandle, header: Box | undefined): Promise<number> {
  const bytes = header ? await readBytes(file, header.from, 24) : Buffer.alloc(0)
  if (bytes.length < 24) return 1
  return bytes.readUInt32BE(bytes[0] === 1 ? 20 : 12) || 1
}
