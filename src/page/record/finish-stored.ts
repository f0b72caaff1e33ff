import { ChunkSender, type SenderState } from './chunk-sender.ts'
import { chunkStore } from './chunk-store.ts'
import { deleteUpload } from './recording-upload.ts'

/** Name of the lock that a tab holds while it works on a recording. Other tabs ignore a locked recording. */
export const lockOf = (id: string) => `longtake-recording-${id}`

/**
 * Uploads the rest of a recording that ended early, and deletes it from the browser. The caller holds its lock.
 * @returns the id of the video. @throws ClosedRecording; Problem if the server will never accept it
 */
export async function finishStored(id: string, onState: (state: SenderState) => void): Promise<string> {
  const { recorded } = (await chunkStore.get(id))!
  await chunkStore.change(id, { length: recorded })
  const video = await new ChunkSender(id, onState).run()
  await chunkStore.remove(id)
  return video
}

/** Deletes a recording from the browser and from the server. The caller holds its lock. */
export async function discardStored(id: string): Promise<void> {
  const upload = (await chunkStore.get(id))?.upload
  await chunkStore.remove(id)
  if (upload) await deleteUpload(upload).catch(() => {})
}
