import type { Kysely } from 'kysely'
import type { Db, Schema } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import { partIds, requireParts } from './concatenation.ts'
import { RepeatedCreation } from './creation.ts'
import { keepWithParts } from './final-parts.ts'
import { inTurn } from './owner-turns.ts'
import { claimParts, totalOf } from './part-claims.ts'
import type { UploadContext } from './upload-context.ts'
import { bodyTooLarge } from './upload-errors.ts'
import { findSameFinal, findUpload, findUploads, type UploadRow, uploadKey } from './upload-rows.ts'
import type { Creation, UploadStore } from './upload-store.ts'

export interface FinalUploadsParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  readonly store: UploadStore
}

/** Uploads that are made of others (tus 1.0.0, Concatenation). */
export class FinalUploads {
  readonly #parts: FinalUploadsParts

  constructor(parts: FinalUploadsParts) {
    this.#parts = parts
  }

  /**
   * Creates an upload that is made of others, and lays it out where they are all complete; else that happens once they are.
   * @param parts URLs.
   * @throws RepeatedCreation if there is the same one already; ApiError 400 where a part is none, 413 where all together are larger than `maxSize` bytes, or than the owner may have, 507 where there is no room.
   */
  async create(
    upload: Pick<Creation, 'id' | 'metadata' | 'once'>,
    parts: readonly string[],
    context: UploadContext,
  ): Promise<UploadRow> {
    const { db, store } = this.#parts
    const { owner, maxSize } = context
    const ids = partIds(parts)
    // To join what is somebody else's would be to read it.
    const rows = (await findUploads(db, ids)).filter(row => row.owner === owner)
    const same = await findSameFinal(db, owner, parts, upload.metadata)
    // A video no longer needs its parts.
    if (same?.finished_at) throw new RepeatedCreation(same.id, 'key')
    requireParts(ids, rows)
    if (totalOf(ids, rows) > maxSize) throw bodyTooLarge()
    // Another request may be laying it out: that takes its lock.
    if (same) throw new RepeatedCreation(same.id, 'key')
    const claim = (trx: Db) => claimParts(trx, upload.id, store.limits)
    const concat = { kind: 'final', parts } as const
    await store.create({
      ...upload,
      length: null,
      uploader: context,
      concat,
      bytes: addedBy(ids, rows),
      claim,
    })
    await this.layOut(upload.id)
    return store.open(upload.id)
  }

  /** Lays out a final upload whose parts are all complete. The caller holds its lock. @throws ApiError 410 if a part is gone. */
  async layOut(id: string): Promise<void> {
    const { db, storage, store } = this.#parts
    const final = await findUpload(db, id)
    if (!final?.parts || final.finished_at) return
    await keepWithParts(db, final)
    const parts = partIds(final.parts)
    const rows = await findUploads(db, parts)
    const complete = new Set(rows.filter(row => row.finished_at).map(row => row.id))
    if (!parts.every(part => complete.has(part))) return
    // Such a part went into another one meanwhile: this one can never be laid out, and expires.
    if (rows.some(row => row.cleared)) return
    await inTurn(db, final.owner, trx => claimParts(trx, id, store.limits))
    await storage.concatenate(parts.map(uploadKey), uploadKey(id))
    await store.finish(id, totalOf(parts, rows))
  }

  /** Bytes that an upload has or will have; null where that cannot be told yet. */
  async lengthOf({ length, parts }: UploadRow): Promise<number | null> {
    if (length !== null || !parts) return length
    const ids = partIds(parts)
    const rows = await findUploads(this.#parts.db, ids)
    const known = new Set(rows.filter(row => row.length !== null).map(row => row.id))
    return ids.every(id => known.has(id)) ? totalOf(ids, rows) : null
  }
}

/** Bytes that an upload of these parts adds to what its owner has: the parts themselves count until they are joined. */
function addedBy(parts: readonly string[], rows: readonly UploadRow[]): number {
  const counted = rows.filter(row => !row.joined)
  const distinct = counted.reduce((sum, row) => sum + (row.length ?? row.offset), 0)
  return totalOf(parts, rows) - distinct
}
