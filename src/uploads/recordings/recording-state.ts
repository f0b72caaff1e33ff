import { notFound } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import type { Storage } from '../../objects/object-storage.ts'
import { damaged } from '../core/upload-errors.ts'
import { findUpload, uploadKey } from '../core/upload-rows.ts'
import { findRecording, waitingPieces } from './recording-rows.ts'
import type { RecordingState } from './recording-rules.ts'

/** @throws ApiError 404 */
export async function stateOf(db: Db, id: string): Promise<RecordingState> {
  const recording = await findRecording(db, id)
  const upload = recording && (await findUpload(db, id))
  if (!upload) throw notFound('The recording')
  return { recording, upload, waiting: await waitingPieces(db, recording) }
}

/** As `stateOf`, for a recording with all its bytes. @throws ApiError 404; 410 when bytes that were acknowledged are lost. */
export async function wholeStateOf(db: Db, storage: Storage, id: string): Promise<RecordingState> {
  const state = await stateOf(db, id)
  const missing = await missingObjects(storage, state)
  if (missing.length === 0) return state
  // Another request may have joined them meanwhile. That changes the rows before it removes an object.
  const now = await stateOf(db, id)
  const lost = await missingObjects(storage, now)
  if (lost.some(key => missing.includes(key))) throw damaged()
  return now
}

async function missingObjects(storage: Storage, { upload, waiting }: RecordingState): Promise<string[]> {
  if (upload.finished_at) return []
  const missing: string[] = []
  if (((await storage.size(uploadKey(upload.id))) ?? 0) < upload.offset) missing.push(uploadKey(upload.id))
  for (const { storage_key: key, size } of waiting)
    if ((await storage.size(key!)) !== size) missing.push(key!)
  return missing
}
