import type { Kysely, Transaction } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { Schema } from '../database/schema.ts'
import type { Storage } from '../objects/object-storage.ts'
import { finishIn } from '../uploads/core/finish.ts'
import { validLabels } from '../uploads/core/metadata.ts'
import { oldIdOf } from '../uploads/core/old-ids.ts'
import { deleteUpload, findUpload, insertUpload, uploadKey } from '../uploads/core/upload-rows.ts'
import { insertRevision } from '../videos/transcripts/transcripts.ts'
import { findImport, noteImport } from './import-rows.ts'
import { type ImportItem, isUnfinished, sizeOf, Unreadable } from './item.ts'

export interface ImportParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  /** Whose the videos become; null for nobody. */
  readonly owner: string | null
  /** Seconds for which an unfinished upload is kept. */
  readonly expiry: number
}

export interface Copying {
  readonly signal: AbortSignal
  /** Called with the bytes of the item that have been copied so far. */
  readonly onBytes: (bytes: number) => void
}

/** An import that is cut off and never repeated is removed after this time, in seconds, if uploads do not live longer. */
const MIN_EXPIRY_S = 7 * 24 * 3600

/**
 * Copies an old video or upload, then enters it in one transaction. Until then it has a row under a name of its own, which nobody can look
 * up: the next run removes what a killed one has left, and begins the item again.
 * @returns its size in bytes; undefined if it was imported before, even if it was changed or deleted since.
 * @throws Unreadable if its bytes are not what they should be. Nothing is left of it then.
 */
export async function importItem(
  parts: ImportParts,
  item: ImportItem,
  copying: Copying,
): Promise<number | undefined> {
  const { db, storage, expiry, owner } = parts
  const key = oldIdOf(item.origin, item.oldId)
  if (await wasImported(db, item)) return undefined
  await removeCutOff(parts, key)
  const id = item.id ?? uuid()
  if (await findUpload(db, id)) throw new Unreadable('there is another upload with its id')
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
    await insertUpload(trx, upload, Math.max(expiry, MIN_EXPIRY_S))
    await trx
      .updateTable('uploads')
      .set({ old_id: underWay(key) })
      .where('id', '=', id)
      .execute()
  })
  try {
    const size = await copy(storage, id, item, copying)
    await db.transaction().execute(trx => enter(trx, parts, { id, key, item, size }))
    return size
  } catch (error) {
    await discard(parts, id)
    throw error
  }
}

/** @throws Unreadable if something else was imported under the same id. */
export async function wasImported(db: Kysely<Schema>, item: ImportItem): Promise<boolean> {
  const before = await findImport(db, oldIdOf(item.origin, item.oldId))
  if (before === undefined) return false
  if (before === item.fingerprint) return true
  throw new Unreadable(
    `it was imported before, from other bytes or another database (${before}, now ${item.fingerprint}); what was imported is left as it is`,
  )
}

/** No id of an application begins like this. */
function underWay(key: string): string {
  return `importing ${key}`
}

async function removeCutOff(parts: ImportParts, key: string): Promise<void> {
  const row = await parts.db
    .selectFrom('uploads')
    .select('id')
    .where('old_id', '=', underWay(key))
    .executeTakeFirst()
  if (row) await discard(parts, row.id)
}

async function discard({ db, storage }: ImportParts, id: string): Promise<void> {
  if (await deleteUpload(db, id)) await storage.remove(uploadKey(id))
}

async function copy(
  storage: Storage,
  id: string,
  item: ImportItem,
  { signal, onBytes }: Copying,
): Promise<number> {
  const expected = await sizeOf(item)
  const key = uploadKey(id)
  await storage.create(key)
  let copied = 0
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const source of item.sources) {
      for await (const chunk of source.read()) {
        signal.throwIfAborted()
        copied += chunk.byteLength
        onBytes(copied)
        yield chunk
      }
    }
  }
  const written = await storage.append(key, 0, bytes(), async () => {})
  const stored = await storage.size(key)
  if (written !== expected || stored !== expected)
    throw new Unreadable(`${stored ?? 0} of its ${expected} bytes could be copied`)
  return expected
}

interface Copied {
  readonly id: string
  readonly key: string
  readonly item: ImportItem
  readonly size: number
}

async function enter(
  trx: Transaction<Schema>,
  { expiry }: ImportParts,
  { id, key, item, size }: Copied,
): Promise<void> {
  const { unfinished } = item
  const length = unfinished ? unfinished.length : size
  const { numUpdatedRows } = await trx
    .updateTable('uploads')
    .set({
      old_id: key,
      length,
      offset: size,
      ...(isUnfinished(item, size) && { expires_at: new Date(Date.now() + expiry * 1000) }),
    })
    .where('id', '=', id)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new Unreadable('its row was removed while it was copied')
  await noteImport(trx, key, item.fingerprint)
  if (isUnfinished(item, size)) return
  await finishIn(trx, id, size, { expiry })
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

/** As a person's revision, which no machine replaces. Its only segment has no times until the length of the video is known. */
async function enterTranscript(trx: Transaction<Schema>, id: string, text: string): Promise<void> {
  await insertRevision(trx, id, 'person', {
    language: null,
    text,
    segments: [{ start: 0, end: 0, text: text.trim() }],
    model: null,
    source_sha256: null,
  })
}
