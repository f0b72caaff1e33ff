import type { Kysely, Transaction } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Schema } from '../database/schema.ts'
import type { CompletedBytes, UploadBytes } from '../uploads/bytes/upload-bytes.ts'
import { finishIn } from '../uploads/core/finish.ts'
import { validLabels } from '../uploads/core/metadata.ts'
import { insertUpload } from '../uploads/core/new-upload.ts'
import { oldIdOf } from '../uploads/core/old-ids.ts'
import { deleteUpload } from '../uploads/core/upload-rows.ts'
import { insertRevision } from '../videos/transcripts/transcripts.ts'
import { findImport, noteImport } from './import-rows.ts'
import { type ImportItem, isUnfinished, sizeOf, Unreadable } from './item.ts'

export interface ImportDeps {
  readonly db: Kysely<Schema>
  readonly bytes: UploadBytes
  /** Owner of the imported videos; null for admins only. */
  readonly owner: string | null
  /** Seconds after its last byte after which an unfinished upload may be removed. */
  readonly expiryS: number
}

export interface Copying {
  readonly signal: AbortSignal
  /** Called with the number of bytes copied so far. */
  readonly onBytes: (bytes: number) => void
}

/** The remains of an interrupted import are removed after this time, or later if uploads expire later. */
const MIN_EXPIRY_S = 7 * 24 * 3600

/**
 * Copies an old video or upload, then makes it visible in one transaction. Until then its row has a special old id, by which the next run
 * finds and removes the remains of a killed run before it starts the item again.
 * @returns its size in bytes; undefined if it was imported before, even if it was changed or deleted since.
 * @throws Unreadable if its bytes are wrong, after removing everything that was copied.
 */
export async function importItem(
  deps: ImportDeps,
  item: ImportItem,
  copying: Copying,
): Promise<number | undefined> {
  const { db, expiryS, owner } = deps
  const key = oldIdOf(item.origin, item.oldId)
  if (await wasImported(db, item)) return undefined
  await removeInterrupted(deps, key)
  const id = item.id ?? uuid()
  if (await isTaken(db, id)) throw new Unreadable('another upload has its id')
  const labels = validLabels(item.metadata, { maxBytes: Number.POSITIVE_INFINITY })
  const upload = {
    id,
    length: null,
    metadata: labels,
    requestId: null,
    owner,
    concat: item.unfinished?.concat,
  }
  await db.transaction().execute(async trx => {
    await insertUpload(trx, upload, Math.max(expiryS, MIN_EXPIRY_S))
    await trx
      .updateTable('uploads')
      .set({ old_id: unfinishedId(key) })
      .where('id', '=', id)
      .execute()
  })
  try {
    const copied = await copy(deps, id, item, copying)
    await db.transaction().execute(trx => enter(trx, deps, { ...copied, id, oldId: key, item }))
    return copied.size
  } catch (error) {
    await discard(deps, id)
    throw error
  }
}

/** Whether an upload has this id, including uploads of videos in the bin. */
async function isTaken(db: Kysely<Schema>, id: string): Promise<boolean> {
  const row = await db.selectFrom('all_uploads').select('id').where('id', '=', id).executeTakeFirst()
  return row !== undefined
}

/** Whether an earlier run has imported the item. @throws Unreadable if another item was imported with the same id. */
export async function wasImported(db: Kysely<Schema>, item: ImportItem): Promise<boolean> {
  const before = await findImport(db, oldIdOf(item.origin, item.oldId))
  if (before === undefined) return false
  if (before === item.fingerprint) return true
  throw new Unreadable(
    `it was imported before, from other bytes or another database (${before}, now ${item.fingerprint}); the imported video is not changed`,
  )
}

/** The old id of a row whose import has not finished. Ids of applications never begin like this. */
function unfinishedId(key: string): string {
  return `importing ${key}`
}

async function removeInterrupted(deps: ImportDeps, key: string): Promise<void> {
  const row = await deps.db
    .selectFrom('uploads')
    .select('id')
    .where('old_id', '=', unfinishedId(key))
    .executeTakeFirst()
  if (row) await discard(deps, row.id)
}

async function discard({ db, bytes }: ImportDeps, id: string): Promise<void> {
  const deleted = await deleteUpload(db, bytes, id)
  if (deleted) await bytes.remove(id, deleted.storage_state)
}

interface CopiedBytes {
  readonly size: number
  /** The state of `UploadBytes`. */
  readonly state: unknown
  /** Undefined if a client has to finish the upload. */
  readonly object: CompletedBytes | undefined
}

async function copy(
  { bytes }: ImportDeps,
  id: string,
  item: ImportItem,
  { signal, onBytes }: Copying,
): Promise<CopiedBytes> {
  const expected = await sizeOf(item)
  await bytes.create(id)
  let copied = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const each of item.sources) {
      for await (const chunk of each.read()) {
        signal.throwIfAborted()
        copied += chunk.byteLength
        onBytes(copied)
        yield chunk
      }
    }
  }
  const { offset, state } = await bytes.append({ id, offset: 0, state: null }, source(), async () => {})
  const stored = await bytes.size({ id, offset, state })
  if (offset !== expected || stored !== expected)
    throw new Unreadable(`only ${stored} of its ${expected} bytes could be copied`)
  const object = isUnfinished(item, offset) ? undefined : await bytes.complete({ id, offset, state })
  return { size: offset, state, object }
}

interface Copied extends CopiedBytes {
  readonly id: string
  readonly oldId: string
  readonly item: ImportItem
}

async function enter(
  trx: Transaction<Schema>,
  { expiryS }: ImportDeps,
  { id, oldId, item, size, state, object }: Copied,
): Promise<void> {
  const { unfinished } = item
  const length = unfinished ? unfinished.length : size
  const { numUpdatedRows } = await trx
    .updateTable('uploads')
    .set({
      old_id: oldId,
      length,
      offset: size,
      storage_state: state === null ? null : JSON.stringify(state),
      ...(isUnfinished(item, size) && { expires_at: new Date(Date.now() + expiryS * 1000) }),
    })
    .where('id', '=', id)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new Unreadable('its row was removed while it was copied')
  await noteImport(trx, oldId, item.fingerprint)
  if (!object) return
  await finishIn(trx, id, size, { object, expiry: expiryS })
  if (unfinished?.concat === 'partial') return
  await trx
    .updateTable('videos')
    .set({
      ...(item.createdAt && { created_at: item.createdAt }),
      last_played: item.lastPlayed ?? null,
      incomplete: item.incomplete ?? false,
    })
    .where('id', '=', id)
    .execute()
  if (item.transcript) await enterTranscript(trx, id, item.transcript)
}

/** Inserts the transcript as a person's revision, which no machine replaces. Its only segment gets its end time when the duration is known. */
async function enterTranscript(trx: Transaction<Schema>, id: string, text: string): Promise<void> {
  await insertRevision(trx, id, 'person', {
    language: null,
    text,
    segments: [{ start: 0, end: 0, text: text.trim() }],
    model: null,
    source_sha256: null,
  })
}
