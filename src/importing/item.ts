import type { UploadMetadata } from '../uploads/core/metadata.ts'
import type { Origin } from '../uploads/core/old-ids.ts'

/** Bytes of an old application: a file, or the content of a column. */
export interface Source {
  /** @throws Unreadable */
  size(): Promise<number>
  /** Reads all bytes. @throws Unreadable if they differ in number from `size`, or change meanwhile. */
  read(): AsyncIterable<Uint8Array>
}

/** A video or an unfinished upload of an old application. */
export interface ImportItem {
  readonly origin: Origin
  /** Its id there. */
  readonly oldId: string
  /** Its name in the report. */
  readonly name: string
  /** Distinguishes it from another item with the same id. */
  readonly fingerprint: string
  /** Its id in Longtake, if it can keep its own. */
  readonly id?: string | undefined
  readonly metadata: UploadMetadata
  readonly sources: readonly Source[]
  /** Its size in bytes according to the application. */
  readonly size?: number | undefined
  readonly createdAt?: Date | undefined
  readonly lastPlayed?: Date | undefined
  readonly transcript?: string | undefined
  /** Whether parts of it are missing. */
  readonly incomplete?: boolean | undefined
  /** Given for an upload that clients may continue. */
  readonly unfinished?:
    | { readonly length: number | null; readonly concat?: 'partial' | undefined }
    | undefined
  readonly remarks: Remarks
}

/** Remarks in the report on an item that can be imported, as ends of sentences. */
export interface Remarks {
  /** Nothing is lost by it. */
  readonly notes: string[]
  /** Content that is not imported. */
  readonly losses: string[]
}

export function noRemarks(): Remarks {
  return { notes: [], losses: [] }
}

/** Something that cannot be imported, and why. */
export interface Problem {
  readonly name: string
  readonly problem: string
}

/** Something that need not be imported, and why. */
export interface Skipped {
  readonly name: string
  readonly skipped: string
}

export type Found = ImportItem | Problem | Skipped

/** A source of items. */
export interface Import {
  /** Recognised content, one line each. */
  readonly findings: readonly string[]
  /** Maximum number of items. */
  readonly count: number
  found(): AsyncIterable<Found>
  close(): Promise<void>
}

/** Why one item cannot be imported, as the end of a sentence. */
export class Unreadable extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Unreadable'
  }
}

/** There is nothing to import, and nothing is lost. */
export class Nothing extends Unreadable {}

/** Bytes of all sources together. @throws Unreadable if there are none, or if the application says another number. */
export async function sizeOf({ sources, size, unfinished }: ImportItem): Promise<number> {
  let sum = 0
  for (const source of sources) sum += await source.size()
  if (sum === 0 && !unfinished) throw new Unreadable('it is empty')
  if (size !== undefined && size !== sum)
    throw new Unreadable(`it has ${sum} bytes, but the application says ${size}`)
  return sum
}

/** Whether an item with `size` bytes is an upload that lacks some. */
export function isUnfinished({ unfinished }: ImportItem, bytes: number): boolean {
  return unfinished !== undefined && unfinished.length !== bytes
}
