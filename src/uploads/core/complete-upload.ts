import type { Kysely } from 'kysely'
import type { ApiError } from '../../base/errors.ts'
import type { Signal } from '../../base/signal.ts'
import type { Schema } from '../../database/schema.ts'
import type { CompletedBytes, UploadBytes } from '../bytes/upload-bytes.ts'
import { takenOver } from '../locks/release-errors.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'
import type { Limits } from './allowance.ts'
import { finishUpload } from './finish.ts'
import { growingUpload } from './growing-upload.ts'
import { type LateBytesDeps, removeLateBytes } from './late-bytes.ts'
import { offsetConflict } from './upload-errors.ts'
import { findUpload, type UploadRow } from './upload-rows.ts'

/** After this time, this process may have been frozen while it created an upload. */
const MAX_UNCHECKED_MS = 1000

export interface CompleteDeps {
  readonly db: Kysely<Schema>
  readonly bytes: UploadBytes
  readonly locks: UploadLocks
  readonly limits: Limits
  /** An unfinished upload may be removed this many seconds after its last byte. */
  readonly expiry: number
  /** Tells other parts of the service about new events. */
  readonly signal: Signal
}

/**
 * Makes a video of an upload whose bytes are all durable. A second call changes nothing. The caller holds the upload's lock.
 * @param upload its row; `offset` is the size of the whole upload in bytes.
 * @throws ApiError 409 if the upload's length is not `offset`, 423 if another process has taken the upload over; BytesLostError
 */
export async function completeUpload(deps: CompleteDeps, upload: UploadRow): Promise<void> {
  const { bytes, locks } = deps
  const object = await asHolder(deps, upload.id, () => bytes.complete(growingUpload(upload, locks)))
  await finishAs(deps, upload.id, upload.offset, object, upload.generation)
}

/** Makes a video of an object that holds all `length` bytes of an upload. @param generation of the writer. @throws ApiError 409, 423 */
export async function finishAs(
  deps: CompleteDeps,
  id: string,
  length: number,
  object: CompletedBytes,
  generation?: number,
): Promise<void> {
  const { db, limits, expiry, signal } = deps
  const options = { object, generation, expiry, hasQuota: limits.quota !== undefined }
  if (!(await finishUpload(db, id, length, options))) throw await replacedError(deps, id)
  signal.emit('events')
}

/** Checks that no other process has acquired the upload's lock since the caller acquired it. @throws ApiError 423 */
export async function requireHeld(
  locks: UploadLocks,
  { id, generation }: Pick<UploadRow, 'id' | 'generation'>,
): Promise<void> {
  const held = locks.holdOf(id)?.generation
  if (held !== undefined && held !== generation && !(await locks.confirm(id))) throw takenOver()
}

/**
 * Checks that an upload is as this process has inserted it. Another process may have ended the upload while this one was frozen; then removes the
 * file that this process has created since. The row is read only if another process may have acquired the upload: it asks this process first,
 * and what it removes within `MAX_UNCHECKED_MS` is removed again later (`noteRemoval`).
 * @param began when this process began to insert the row, in the time of `performance.now()`. @throws ApiError 409, 423
 */
export async function requireInserted(
  deps: LateBytesDeps,
  { id, generation }: Pick<UploadRow, 'id' | 'generation'>,
  began: number,
): Promise<void> {
  const { db, locks } = deps
  if (locks.holder === undefined) return
  const isAlone = locks.holdOf(id)?.releaseReason === undefined
  if (isAlone && performance.now() - began < MAX_UNCHECKED_MS) return
  const row = await findUpload(db, id)
  if (row?.generation !== generation || row.finished_at) throw await replacedError(deps, id)
}

/**
 * Like `requireHeld`, before a request has any effect: if another process acquired the upload before the request came, and this process has not
 * heard of that yet, the upload is acquired again.
 * @returns whether that was necessary. The row must be read again then. @throws ApiError 423
 */
export async function regainIfLost(
  locks: UploadLocks,
  { id, generation }: Pick<UploadRow, 'id' | 'generation'>,
): Promise<boolean> {
  const held = locks.holdOf(id)?.generation
  if (held === undefined || held === generation || (await locks.confirm(id))) return false
  if (!(await locks.regain(id))) throw takenOver()
  return true
}

/**
 * Runs work on an upload's bytes. The work can fail because another process has taken the upload over and removed files.
 * @throws ApiError 423 in that case; otherwise the error that `work` throws.
 */
export async function asHolder<T>(deps: LateBytesDeps, id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (await deps.locks.confirm(id).catch(() => true)) throw error
    throw await replacedError(deps, id)
  }
}

/** The error if a writer's statement matched no row: another process has taken the upload over, or another writer has moved the offset. */
export async function replacedError(deps: LateBytesDeps, id: string): Promise<ApiError> {
  // If the database fails here, the bytes stay until the doctor finds them.
  await removeLateBytes(deps, id).catch(() => {})
  return (await deps.locks.confirm(id)) ? offsetConflict() : takenOver()
}
