import type { UploadMetadata } from '../uploads/core/metadata.ts'
import type { Origin } from '../uploads/core/old-ids.ts'

/** Bytes of an old application: a file, or the content of a column. */
export interface Source {
  /** @throws Unreadable */
  size(): Promise<number>
  /** All of its bytes. @throws Unreadable if they are not as many as `size` told, or change meanwhile. */
  read(): AsyncIterable<Uint8Array>
}

/** A video or an unfinished upload of an old application. */
export interface ImportItem {
  readonly origin: Origin
  /** Its id there. */
  readonly oldId: string
  /** What the report calls it. */
  readonly name: string
  /** Tells it from another one with the same id. */
  readonly fingerprint: string
  /** The id that it is to have here, if it can keep its own. */
  readonly id?: string | undefined
  readonly metadata: UploadMetadata
  readonly sources: readonly Source[]
  /** Bytes that the application says it has. */
  readonly size?: number | undefined
  readonly createdAt?: Date | undefined
  readonly lastPlayed?: Date | undefined
  readonly transcript?: string | undefined
  /** Whether parts of it never came. */
  readonly incomplete?: boolean | undefined
  /** Of an upload that clients may go on with. */
  readonly unfinished?:
    | { readonly length: number | null; readonly concat?: 'partial' | undefined }
    | undefined
  readonly remarks: Remarks
}

/** What the report says of an item that can be imported, as ends of sentences. */
export interface Remarks {
  /** Nothing is lost by it. */
  readonly notes: string[]
  /** What does not come along. */
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

/** Something that nobody expects to be imported, and why. */
export interface Skipped {
  readonly name: string
  readonly skipped: string
}

export type Found = ImportItem | Problem | Skipped

/** What an import reads from. */
export interface Import {
  /** What was recognised, a line each. */
  readonly findings: readonly string[]
  /** How many items there are at most. */
  readonly count: number
  found(): AsyncIterable<Found>
  close(): Promise<void>
}

/** Why one item cannot be imported, as the end of a sentence; others can be. */
export class Unreadable extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Unreadable'
  }
}

/** There is nothing to import, and nothing is lost. */
export class Nothing extends Unreadable {}

/** Bytes of all sources together. @throws Unreadable if there are none, or not as many as the application says. */
export async function sizeOf({ sources, size, unfinished }: ImportItem): Promise<number> {
  let sum = 0
  for (const source of sources) sum += await source.size()
  if (sum === 0 && !unfinished) throw new Unreadable('it is empty')
  if (size !== undefined && size !== sum)
    throw new Unreadable(`it has ${sum} bytes, and the application says that it has ${size}`)
  return sum
}

/** Whether an item of so many bytes is an upload that lacks some. */
export function isUnfinished({ unfinished }: ImportItem, bytes: number): boolean {
  return unfinished !== undefined && unfinished.length !== bytes
}
