import { StorageLostError } from '../../objects/object-storage.ts'
import type { Written } from '../bytes/upload-bytes.ts'
import { asHolder, regainIfLost } from '../core/complete-upload.ts'
import { growingUpload } from '../core/growing-upload.ts'
import { removeLateBytes } from '../core/late-bytes.ts'
import { advanceOffsets, deleteUpload } from '../core/upload-rows.ts'
import { takenOver } from '../locks/release-errors.ts'
import { type ChunkRow, markJoined, type RecordingRow } from './recording-rows.ts'
import { wholeStateOf } from './recording-state.ts'
import type { RecordingsDeps } from './recordings-deps.ts'

/**
 * Appends the next chunks to the upload in order, up to the first gap. If the recording is closed, appends all chunks and skips gaps.
 *
 * First it appends the bytes, then it updates the offset and the chunks' rows in one transaction, then it removes the chunks' objects. A crash
 * before the transaction leaves bytes past the offset, which the next append overwrites. A crash after it leaves objects that are removed with
 * the recording. The caller holds the upload's lock.
 * @throws ApiError 404, 410 if bytes are lost, 423 if another process has taken the upload over, 507 if the disk is full; then the chunks stay.
 */
export async function joinChunks(deps: RecordingsDeps, id: string): Promise<void> {
  const { db, storage, bytes, store, locks } = deps
  const { recording, upload, waiting } = await wholeStateOf(deps, id)
  if (upload.finished_at) return
  if (await regainIfLost(locks, upload)) return joinChunks(deps, id)
  const missing = (upload.length ?? Number.POSITIVE_INFINITY) - upload.offset
  const chunks = firstThatFit(missing, joinable(recording, waiting))
  if (chunks.length === 0) return
  const expected = chunks.reduce((sum, chunk) => sum + chunk.size, upload.offset)
  let written: Written<unknown>
  try {
    const append = () => bytes.append(growingUpload(upload, locks), bytesOf(deps, chunks), async () => {})
    written = await asHolder(deps, id, append)
  } catch (error) {
    // The storage no longer knows which bytes it has, so the client must start again.
    if (error instanceof StorageLostError)
      await deleteUpload(db, bytes, id, { generation: upload.generation })
    throw error
  }
  const { offset, state } = written
  if (offset !== expected) throw new Error(`recording ${id} has ${offset} bytes instead of ${expected}`)
  const isMoved = await db.transaction().execute(async trx => {
    const move = { id, from: upload.offset, to: offset, state, generation: upload.generation }
    const moved = await advanceOffsets(trx, [move], store.expiryS)
    if (moved.length > 0) await markJoined(trx, id, chunks.at(-1)!.number + 1)
    return moved.length > 0
  })
  if (!isMoved) {
    await removeLateBytes(deps, id).catch(() => {})
    // Nothing is lost: the chunks are durable, and the process that has taken the upload over joins them.
    throw takenOver()
  }
  locks.settle(id)
  for (const chunk of chunks) await storage.remove(chunk.storage_key!)
  if (offset === upload.length) await store.finish({ ...upload, offset, storage_state: state })
}

/** The chunks that can be joined now. */
function joinable({ next, closed_at }: RecordingRow, waiting: readonly ChunkRow[]): readonly ChunkRow[] {
  if (closed_at) return waiting
  const gap = waiting.findIndex((chunk, index) => chunk.number !== next + index)
  return gap === -1 ? waiting : waiting.slice(0, gap)
}

/** The first chunks that fit into `bytes`. Not all may fit, because the length can be declared after the chunks were sent. */
function firstThatFit(bytes: number, chunks: readonly ChunkRow[]): readonly ChunkRow[] {
  let left = bytes
  return chunks.filter(chunk => {
    left -= chunk.size
    return left >= 0
  })
}

async function* bytesOf(
  { storage, locks }: RecordingsDeps,
  chunks: readonly ChunkRow[],
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    for await (const bytes of await storage.read(chunk.storage_key!)) {
      locks.progress(chunk.recording_id)
      yield bytes
    }
  }
}
