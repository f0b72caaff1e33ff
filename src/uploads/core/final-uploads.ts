import type { Kysely } from 'kysely'
import type { Db, Schema } from '../../database/schema.ts'
import type { UploadBytes } from '../bytes/upload-bytes.ts'
import { asHolder } from './complete-upload.ts'
import { partIds, requireParts } from './concatenation.ts'
import { type Creation, RepeatedCreation } from './creation.ts'
import { makeDue, makeUndue, waitForPart } from './due-concatenations.ts'
import { keepWithParts } from './final-parts.ts'
import { inTurn } from './owner-turns.ts'
import { claimParts, totalOf } from './part-claims.ts'
import type { UploadContext } from './upload-context.ts'
import { bodyTooLarge } from './upload-errors.ts'
import { findSameFinal, findUpload, findUploads, objectKeyOf, type UploadRow } from './upload-rows.ts'
import type { UploadStore } from './upload-store.ts'

export interface FinalUploadsDeps {
  readonly db: Kysely<Schema>
  readonly bytes: UploadBytes
  readonly store: UploadStore
}

/** Uploads that are concatenated from others (tus 1.0.0, Concatenation). */
export class FinalUploads {
  readonly #deps: FinalUploadsDeps

  constructor(deps: FinalUploadsDeps) {
    this.#deps = deps
  }

  /**
   * Creates a final upload. Concatenates its parts now if all of them are complete, otherwise when the last one is complete.
   * @param parts URLs.
   * @throws RepeatedCreation if the same final upload exists; ApiError 400 if a URL does not name a partial upload, 413 if the parts
   * together exceed the server's limit or the owner's quota, 507 if the disk is full.
   */
  async create(
    upload: Pick<Creation, 'id' | 'metadata' | 'once'>,
    parts: readonly string[],
    context: UploadContext,
  ): Promise<UploadRow> {
    const { db, store } = this.#deps
    const { owner, maxSize } = context
    const ids = partIds(parts)
    // A client that concatenates another owner's parts could read them.
    const rows = (await findUploads(db, ids)).filter(row => row.owner === owner)
    const same = await findSameFinal(db, owner, parts, upload.metadata)
    // A finished upload no longer needs its parts, so do not require them.
    if (same?.finished_at) throw new RepeatedCreation(same.id, 'key')
    requireParts(ids, rows)
    if (totalOf(ids, rows) > maxSize) throw bodyTooLarge()
    // Another request may be concatenating the parts now. The repeated request waits for its lock.
    if (same) throw new RepeatedCreation(same.id, 'key')
    const claim = async (trx: Db) => {
      await makeDue(trx, upload.id)
      await claimParts(trx, upload.id, store.limits)
    }
    const concat = { kind: 'final', parts } as const
    await store.create({
      ...upload,
      length: null,
      uploader: context,
      concat,
      bytes: addedBy(ids, rows),
      claim,
    })
    await this.concatenate(upload.id)
    return store.open(upload.id)
  }

  /** Concatenates a final upload if all its parts are complete. The caller holds its lock. @throws ApiError 410 if a part is gone. */
  async concatenate(id: string): Promise<void> {
    const { db, bytes, store } = this.#deps
    const final = await findUpload(db, id)
    if (!final?.parts || final.finished_at) return makeUndue(db, id)
    await keepWithParts(db, final)
    const parts = partIds(final.parts)
    const rows = await findUploads(db, parts)
    const complete = new Set(rows.filter(row => row.finished_at).map(row => row.id))
    const missing = parts.find(part => !complete.has(part))
    if (missing !== undefined) return waitForPart(db, id, missing)
    // The bytes of a part were removed after another final upload used them. This upload can never be finished, and expires.
    if (rows.some(row => row.cleared)) return makeUndue(db, id)
    await inTurn(db, final.owner, trx => claimParts(trx, id, store.limits))
    const keys = new Map(rows.map(row => [row.id, objectKeyOf(row)]))
    const sources = parts.map(part => keys.get(part)!)
    const deps = { db, bytes, locks: store.locks }
    const object = await asHolder(deps, id, () => bytes.concatenate(sources, id))
    await store.finishAs(id, totalOf(parts, rows), object)
  }

  /** Final size of an upload in bytes; null while it is unknown. */
  async lengthOf({ length, parts }: UploadRow): Promise<number | null> {
    if (length !== null || !parts) return length
    const ids = partIds(parts)
    const rows = await findUploads(this.#deps.db, ids)
    const known = new Set(rows.filter(row => row.length !== null).map(row => row.id))
    return ids.every(id => known.has(id)) ? totalOf(ids, rows) : null
  }
}

/** Bytes that a final upload adds in its owner's quota. Parts that are not yet joined count already. */
function addedBy(parts: readonly string[], rows: readonly UploadRow[]): number {
  const counted = rows.filter(row => !row.joined)
  const distinct = counted.reduce((sum, row) => sum + (row.length ?? row.offset), 0)
  return totalOf(parts, rows) - distinct
}
