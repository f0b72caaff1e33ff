import { notFound } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import { BytesLostError, type UploadBytes } from '../bytes/upload-bytes.ts'
import { growingUpload } from '../core/growing-upload.ts'
import { findUpload } from '../core/upload-rows.ts'
import { findRecording, waitingChunks } from './recording-rows.ts'
import type { RecordingState } from './recording-rules.ts'

/** @throws ApiError 404 */
export async function stateOf(db: Db, id: string): Promise<RecordingState> {
  for (;;) {
    const recording = await findRecording(db, id)
    const upload = recording && (await findUpload(db, id))
    if (!upload) throw notFound('The recording')
    const waiting = await waitingChunks(db, recording)
    // A chunk without an object was joined by another process after the recording was read. Read everything again.
    if (waiting.every(({ storage_key }) => storage_key !== null)) return { recording, upload, waiting }
  }
}

export interface WholeStateDeps {
  readonly db: Db
  readonly storage: ObjectStorage
  readonly bytes: UploadBytes
}

/** Like `stateOf`, and checks that all bytes exist. @throws ApiError 404, 410 if acknowledged bytes are lost. */
export async function wholeStateOf(deps: WholeStateDeps, id: string): Promise<RecordingState> {
  const { db } = deps
  const state = await stateOf(db, id)
  const missing = await missingObjects(deps, state)
  if (missing.length === 0) return state
  // Another request may have joined the missing objects since. It updates the rows before it removes the objects.
  const now = await stateOf(db, id)
  const lost = await missingObjects(deps, now)
  if (lost.some(key => missing.includes(key))) throw new BytesLostError()
  return now
}

async function missingObjects(
  { storage, bytes }: WholeStateDeps,
  { upload, waiting }: RecordingState,
): Promise<string[]> {
  if (upload.finished_at) return []
  const missing: string[] = []
  if ((await bytes.size(growingUpload(upload))) < upload.offset) missing.push(upload.id)
  for (const { storage_key: key, size } of waiting)
    if ((await storage.size(key!)) !== size) missing.push(key!)
  return missing
}
