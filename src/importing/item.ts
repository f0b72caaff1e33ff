import type { UploadMetadata } from '../uploads/core/metadata.ts'
import type { Origin } from '../uploads/core/old-ids.ts'

/** The bytes of an item: a file or the content of a column. */
export interface Source {
  /** @throws Unreadable */
  size(): Promise<number>
  /** Reads all bytes. @throws Unreadable if their number differs from `size`, or if they change during the read. */
  read(): AsyncIterable<Uint8Array>
}

/** A video or an unfinished upload of an old application. */
export interface ImportItem {
  readonly origin: Origin
  /** The id in the old application. */
  readonly oldId: string
  /** The name in the report. */
  readonly name: string
  /** Distinguishes the item from another item with the same id. */
  readonly fingerprint: string
  /** The id in Longtake, if the item can keep its id. */
  readonly id?: string | undefined
  readonly metadata: UploadMetadata
  readonly sources: readonly Source[]
  /** The size in bytes according to the application. */
  readonly size?: number | undefined
  readonly createdAt?: Date | undefined
  readonly lastPlayed?: Date | undefined
  readonly transcript?: string | undefined
  /** Whether parts are missing. */
  readonly incomplete?: boolean | undefined
  /** Set for an upload that a client may continue. */
  readonly unfinished?:
    | { readonly length: number | null; readonly concat?: 'partial' | undefined }
    | undefined
  readonly remarks: Remarks
}

/** Remarks in the report about an item that can be imported. They follow the name of the item and a colon. */
export interface Remarks {
  /** Remarks without a loss of content. */
  readonly notes: string[]
  /** Remarks about content that is not imported. */
  readonly losses: string[]
}

export function noRemarks(): Remarks {
  return { notes: [], losses: [] }
}

/** An item that cannot be imported, and the reason. */
export interface Problem {
  readonly name: string
  readonly problem: string
}

/** An item that need not be imported, and the reason. */
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

/** The reason why an item cannot be imported. It follows the name of the item and a colon. */
export class Unreadable extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Unreadable'
  }
}

/** The item has no content, so nothing is lost. */
export class Nothing extends Unreadable {}

/** Total size of all sources in bytes. @throws Unreadable if it is 0, or if the application reports another size. */
export async function sizeOf({ sources, size, unfinished }: ImportItem): Promise<number> {
  let sum = 0
  for (const source of sources) sum += await source.size()
  if (sum === 0 && !unfinished) throw new Unreadable('it is empty')
  if (size !== undefined && size !== sum)
    throw new Unreadable(`it has ${sum} bytes, but ${size} according to the application`)
  return sum
}

/** Whether an item with this number of bytes is an unfinished upload. */
export function isUnfinished({ unfinished }: ImportItem, bytes: number): boolean {
  return unfinished !== undefined && unfinished.length !== bytes
}
