import type { Readable } from 'node:stream'
import { v7 as uuid } from 'uuid'
import { type UploadMetadata, validLabels } from './metadata.ts'
import type { Announced } from './room.ts'
import type { Uploader } from './upload-context.ts'
import type { UploadRow } from './upload-rows.ts'
import type { UploadStore } from './upload-store.ts'

/** A body that becomes an upload in one go, for clients that do not resume. */
export type ReceivedUpload = UploadRow

export interface Sender {
  readonly uploader: Uploader
  /** Bytes of the body, if its request tells them. */
  readonly announced?: Announced | undefined
}

/** Receives a whole body without finishing it: title and description may come after the bytes. If it breaks off, nothing of it is kept. */
export async function receiveBody(
  store: UploadStore,
  body: Readable,
  { uploader, announced }: Sender,
  id = uuid(),
): Promise<ReceivedUpload> {
  const receive = async () => {
    await store.create({ id, length: null, metadata: {}, uploader, bytes: announced?.least ?? 0 })
    try {
      return await store.write(body, id, 0, announced)
    } catch (error) {
      await store.remove(id)
      throw error
    }
  }
  return store.locks.run(id, receive, { isNew: true })
}

/** Makes a video of a received body. If its metadata cannot be stored, the upload is removed. */
export async function finishReceived(
  store: UploadStore,
  received: ReceivedUpload,
  metadata: UploadMetadata,
): Promise<void> {
  const { id, offset } = received
  // Locked, so that no other process finishes it first.
  await store.locks.run(id, async () => {
    try {
      // Metadata in a body has no limit of all fields together.
      await store.describe(id, validLabels(metadata, { maxBytes: Number.POSITIVE_INFINITY }))
    } catch (error) {
      await store.remove(id)
      throw error
    }
    await store.declareUploadLength(id, offset)
    await store.finish({ ...received, length: offset })
  })
}
