import type { GrowingUpload } from '../upload-bytes.ts'
import type { Extent, S3State } from './s3-state.ts'

/** Uploads that this process remembers, and bytes of their tails. What it forgets costs further requests. */
const MAX_UPLOADS = 10_000
const MAX_TAIL_BYTES = 64 * 2 ** 20
/** How long it is believed, without asking the service, that the bytes are there. */
const MAX_TRUST_MS = 60_000

/** The knowledge of this process about an upload that it has written to or checked. */
export interface Live {
  /** The signature of the row as this process left or found it. */
  readonly signature: string
  /** Whether this process was the last writer. If not, there may be bytes of another one that no row names. */
  readonly isWriter: boolean
  /** The generation in which it was. In a later one, another process may have completed the multipart upload. */
  readonly generation?: number | undefined
  /** The multipart upload that this process alone adds parts to, and the next part's number. */
  readonly own: { readonly id: string; readonly nextNumber: number } | undefined
  readonly tail: readonly Extent[]
  /** The bytes of the tail, if they are still in memory. */
  readonly tailBytes: readonly Uint8Array[] | undefined
  /** Objects that the row no longer names if its signature is this one. */
  readonly obsolete: readonly string[]
}

/** Names what a row says, at little cost. */
export function signatureOf({ offset, state }: Pick<GrowingUpload<S3State>, 'offset' | 'state'>): string {
  const { segments = [], multipart, tail = [] } = state ?? {}
  const last = (extents: readonly Extent[]) => [extents.length, extents.at(-1)?.key, extents.at(-1)?.size]
  const part = multipart?.parts.at(-1)
  // Member by member: a database may have changed their order.
  return JSON.stringify([offset, last(segments), [multipart?.id, part?.number, part?.etag], last(tail)])
}

/** The uploads of this process, the one that was used last at the end. */
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

  /** Hands over what is known of an upload, and forgets it. */
  take(id: string): Live | undefined {
    const found = this.#uploads.get(id)
    this.#uploads.delete(id)
    if (found) this.#tailBytes -= bytesIn(found.tailBytes)
    return found
  }

  get(id: string): Live | undefined {
    return this.#uploads.get(id)
  }

  /** Whether this process wrote or checked these very bytes a short while ago. */
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
