import type { Db } from '../../database/schema.ts'
import { notFound } from '../../errors.ts'
import { findUpload } from '../upload-rows.ts'
import { findRecording, waitingPieces } from './recording-rows.ts'
import type { RecordingState } from './recording-rules.ts'

/** @throws ApiError 404 */
export async function stateOf(db: Db, id: string): Promise<RecordingState> {
  const recording = await findRecording(db, id)
  const upload = recording && (await findUpload(db, id))
  if (!upload) throw notFound('The recording')
  return { recording, upload, waiting: await waitingPieces(db, recording) }
}
