import type { GrowingUpload } from '../upload-bytes.ts'
import type { Extent, S3State } from './s3-state.ts'

/** Maximum number of cached uploads, and of cached bytes of their tails. An upload that is not cached costs additional requests. */
const MAX_UPLOADS = 10_000
const MAX_TAIL_BYTES = 64 * 2 ** 20
/** The bytes of an upload are assumed to exist for this time before the service is queried again. */
const MAX_TRUST_MS = 60_000

/** Cached information about an upload that this process has written to or checked. */
export interface Live {
  /** The signature of the row as this process last wrote or read it. */
  readonly signature: string
  /** Whether this process was the last writer. Otherwise another process may have left bytes that no row names. */
  readonly isWriter: boolean
  /** The generation of the last write. In a later generation, another process may have completed the multipart upload. */
  readonly generation?: number | undefined
  /** The multipart upload to which only this process adds parts, and the number of the next part. */
  readonly own: { readonly id: string; readonly nextNumber: number } | undefined
  readonly tail: readonly Extent[]
  /** The bytes of the tail, if they are still in memory. */
  readonly tailBytes: readonly Uint8Array[] | undefined
  /** Objects that are no longer needed if the row has this signature. */
  readonly obsolete: readonly string[]
}

/** A short text that identifies the offset and the state of a row. */
export function signatureOf({ offset, state }: Pick<GrowingUpload<S3State>, 'offset' | 'state'>): string {
  const { segments = [], multipart, tail = [] } = state ?? {}
  const last = (extents: readonly Extent[]) => [extents.length, extents.at(-1)?.key, extents.at(-1)?.size]
  const part = multipart?.parts.at(-1)
  // Each member separately, because the database may have changed the order of members.
  return JSON.stringify([offset, last(segments), [multipart?.id, part?.number, part?.etag], last(tail)])
}

/** The cached uploads of this process, least recently used first. */
export class LiveUploads {
  readonly #uploads = new Map<string, Live & { readonly at: number }>()
  #tailBytes = 0

  keep(id: string, live: Live): void {
    this.take(id)
    this.#uploads.set(id, { ...live, at: performance.now() })
    this.#tailBytes += bytesIn(live.tailBytes)
    for (const [oldest, each] of this.#uploads) {
      if (this.#uploads.size > MAX_UPLOADS) this.take(oldest)
      else if (this.#tailBytes <= MAX_TAIL_BYTES) return
      else if (each.tailBytes) {
        this.#tailBytes -= bytesIn(each.tailBytes)
        this.#uploads.set(oldest, { ...each, tailBytes: undefined })
      }
    }
  }

  /** Removes an upload from the cache. @returns its information. */
  take(id: string): Live | undefined {
    const found = this.#uploads.get(id)
    this.#uploads.delete(id)
    if (found) this.#tailBytes -= bytesIn(found.tailBytes)
    return found
  }

  get(id: string): Live | undefined {
    return this.#uploads.get(id)
  }

  /** Whether this process has written or checked exactly these bytes recently. */
  trusts(upload: GrowingUpload<S3State>): boolean {
    const known = this.#uploads.get(upload.id)
    return (
      known !== undefined &&
      performance.now() - known.at < MAX_TRUST_MS &&
      known.signature === signatureOf(upload)
    )
  }
}

export function bytesIn(chunks: readonly Uint8Array[] = []): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
