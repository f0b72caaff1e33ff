import { ApiError } from '../../base/errors.ts'
import type { Hold, RunOptions, UploadLocks } from '../locks/upload-locks.ts'
import { awaitFirst, keyReused, RepeatedCreation } from './creation.ts'
import type { UploadMetadata } from './metadata.ts'
import { usedLink } from './upload-links.ts'
import type { UploadRow } from './upload-rows.ts'
import type { UploadStore } from './upload-store.ts'

export interface RepeatDeps {
  readonly store: UploadStore
  readonly locks: UploadLocks
}

/** The properties that a request declares for the upload that it creates. */
export interface Declared {
  readonly length: number | undefined
  readonly metadata: UploadMetadata
}

/**
 * Creates an upload, or continues with the upload that the same request has created before, because its response may have been lost.
 * @param create runs under the new upload's lock. @param again runs under the lock of the existing upload.
 * @throws ApiError 403 if a link's upload has bytes, 409 while the first request runs, 410 if its upload was deleted, 422 if the body differs.
 */
export async function createOnce<T>(
  { store, locks }: RepeatDeps,
  { id, lock, declared }: { id: string; lock: RunOptions; declared: Declared },
  create: (hold: Hold) => Promise<T>,
  again: (row: UploadRow, hold: Hold) => Promise<T>,
): Promise<T> {
  try {
    return await locks.run(id, create, { ...lock, isNew: true })
  } catch (error) {
    if (!(error instanceof RepeatedCreation)) throw error
    await awaitFirst(locks, error.id)
    const resume = async (hold: Hold) => {
      const row = await store.open(error.id).catch(gone)
      if (error.by === 'link') return again(await redeclared(store, row, declared), hold)
      return again(row, hold).catch(otherBody)
    }
    return await locks.run(error.id, resume, lock)
  }
}

/** Stores the properties of a repeated request for a link's upload that has no bytes yet. @throws ApiError 403 if it has bytes. */
async function redeclared(
  store: UploadStore,
  row: UploadRow,
  { length, metadata }: Declared,
): Promise<UploadRow> {
  if (row.offset > 0 || row.finished_at) throw usedLink()
  await store.redeclare(row, length ?? null, metadata)
  if (length === 0) await store.finish({ ...row, length })
  return store.open(row.id)
}

function gone(error: unknown): never {
  if (!(error instanceof ApiError && error.status === 404)) throw error
  throw new ApiError(
    410,
    'upload_gone',
    'The upload that this request created was deleted. Use another Idempotency-Key to create a new upload.',
    'idempotency-key',
  )
}

function otherBody(error: unknown): never {
  throw error instanceof ApiError && error.code === 'offset_conflict' ? keyReused() : error
}
