import { StorageLostError } from '../../objects/object-storage.ts'
import type { Written } from '../bytes/upload-bytes.ts'
import { growing } from '../core/growing-upload.ts'
import { advanceOffsets, deleteUpload } from '../core/upload-rows.ts'
import { markJoined, type PieceRow, type RecordingRow } from './recording-rows.ts'
import { wholeStateOf } from './recording-state.ts'
import type { RecordingsParts } from './recordings-deps.ts'

/**
 * Appends the pieces that are next to the upload, in their order; those of a closed recording all, across its gaps. Bytes first, then the
 * offset and the pieces' rows in one transaction, then the pieces' own objects: a crash before the transaction leaves bytes behind the
 * offset, which are none, and one after it objects that go with the recording. The caller holds the upload's lock.
 * @throws ApiError 404; 410 when bytes are lost; 507 when there is no room: the pieces wait on.
 */
export async function joinPieces(parts: RecordingsParts, id: string): Promise<void> {
  const { db, storage, bytes, store, locks } = parts
  const { recording, upload, waiting } = await wholeStateOf(parts, id)
  if (upload.finished_at) return
  const room = (upload.length ?? Number.POSITIVE_INFINITY) - upload.offset
  const pieces = within(room, joinable(recording, waiting))
  if (pieces.length === 0) return
  const expected = pieces.reduce((sum, piece) => sum + piece.size, upload.offset)
  let written: Written<unknown>
  try {
    written = await bytes.append(growing(upload, locks), bytesOf(parts, pieces), async () => {})
  } catch (error) {
    // The client has to begin again: it is unknown which bytes are there.
    if (error instanceof StorageLostError) await deleteUpload(db, bytes, id)
    throw error
  }
  const { offset, state } = written
  if (offset !== expected) throw new Error(`recording ${id} has ${offset} bytes instead of ${expected}`)
  await db.transaction().execute(async trx => {
    const generation = locks.holdOf(id)?.generation ?? upload.generation
    const move = { id, from: upload.offset, to: offset, state, generation }
    const moved = await advanceOffsets(trx, [move], store.expiryS)
    if (moved.length === 0) throw new Error(`another process writes to recording ${id}`)
    await markJoined(trx, id, pieces.at(-1)!.number + 1)
  })
  for (const piece of pieces) await storage.remove(piece.storage_key!)
  if (offset === upload.length) await store.finish({ ...upload, offset, storage_state: state })
}

/** Those without a gap before them. */
function joinable({ next, closed_at }: RecordingRow, waiting: readonly PieceRow[]): readonly PieceRow[] {
  if (closed_at) return waiting
  const gap = waiting.findIndex((piece, index) => piece.number !== next + index)
  return gap === -1 ? waiting : waiting.slice(0, gap)
}

/** The first of the pieces, as far as they fit: a length that was declared later may leave no room for all. */
function within(room: number, pieces: readonly PieceRow[]): readonly PieceRow[] {
  let left = room
  return pieces.filter(piece => {
    left -= piece.size
    return left >= 0
  })
}

async function* bytesOf(
  { storage, locks }: RecordingsParts,
  pieces: readonly PieceRow[],
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    for await (const chunk of await storage.read(piece.storage_key!)) {
      locks.progress(piece.recording_id)
      yield chunk
    }
  }
}
