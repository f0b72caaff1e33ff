import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** A part of a multipart upload that the service has confirmed. */
export interface Part {
  /** From 1 to `MAX_PARTS`. */
  readonly number: number
  /** Bytes. */
  readonly size: number
  readonly etag: string
  /** CRC-32 in base64; absent if a service copied the part and reported none. */
  readonly crc?: string
}

/** Limits of S3 (Amazon S3 User Guide, multipart upload limits). Only the last part may be smaller. */
export const MAX_PARTS = 10_000
export const MIN_PART_BYTES = 5 * 2 ** 20
export const MAX_COPY_BYTES = 5 * 2 ** 30

const MIB_BYTES = 2 ** 20
/** Sizes of parts by number. All parts together have 600 GB. An upload holds a few parts in memory. */
const PART_SIZES = [
  { upTo: 1000, bytes: 8 * MIB_BYTES },
  { upTo: 2000, bytes: 16 * MIB_BYTES },
  { upTo: 4000, bytes: 32 * MIB_BYTES },
  { upTo: MAX_PARTS, bytes: 64 * MIB_BYTES },
] as const

/** The size in bytes of the part with this number. */
export function partBytes(number: number): number {
  return (PART_SIZES.find(({ upTo }) => number <= upTo) ?? PART_SIZES.at(-1)!).bytes
}

/** The CRC-32 of bytes in the format of S3: the base64 of its four bytes. */
export function crcOf(bytes: Uint8Array): string {
  return crcText(crc32(bytes))
}

export function crcText(crc: number): string {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(crc)
  return four.toString('base64')
}

export function sizeOf(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0)
}

/** The properties of an object that the service reports. */
export interface ObjectFacts {
  readonly size: number
  readonly etag: string
  /** CRC-32 in base64; of a multipart upload with the number of its parts after a hyphen. */
  readonly crc?: string | undefined
}

/** Whether an object consists of exactly these parts. Without a checksum and a standard ETag, only the sizes are compared. */
export function isMadeOf(object: ObjectFacts, parts: readonly Part[]): boolean {
  if (object.size !== sizeOf(parts)) return false
  const crcs = parts.map(({ crc }) => crc)
  if (object.crc?.endsWith(`-${parts.length}`) && !crcs.includes(undefined)) {
    const all = Buffer.concat(crcs.map(crc => Buffer.from(crc!, 'base64')))
    return object.crc === `${crcOf(all)}-${parts.length}`
  }
  const md5s = parts.map(({ etag }) => /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1])
  if (!/^"?[0-9a-f]{32}-\d+"?$/.test(object.etag) || md5s.includes(undefined)) return true
  const all = Buffer.concat(md5s.map(md5 => Buffer.from(md5!, 'hex')))
  const expected = `${createHash('md5').update(all).digest('hex')}-${parts.length}`
  return object.etag.replaceAll('"', '') === expected
}
