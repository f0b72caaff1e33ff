import type { Readable } from 'node:stream'
import { v7 as uuid } from 'uuid'
import type { Db } from '../../database/schema.ts'
import { type UploadMetadata, validLabels } from './metadata.ts'
import type { Announced } from './space-reservations.ts'
import type { Uploader } from './upload-context.ts'
import type { UploadRow } from './upload-rows.ts'
import type { UploadStore } from './upload-store.ts'

/** An upload whose bytes came in a single request, from a client that does not resume. */
export type ReceivedUpload = UploadRow

export interface Sender {
  readonly uploader: Uploader
  /** Size of the body, if the request declares it. */
  readonly announced?: Announced | undefined
  /** Id of the upload; a new one by default. */
  readonly id?: string | undefined
  /** Called in the transaction that creates the upload. */
  readonly claim?: ((trx: Db) => Promise<void>) | undefined
}

/**
 * Receives a whole body. Does not finish the upload, because title and description may follow the bytes. If the body is cut off, the upload
 * is removed.
 */
export async function receiveBody(
  store: UploadStore,
  body: Readable,
  { uploader, announced, id = uuid(), claim }: Sender,
): Promise<ReceivedUpload> {
  const receive = async () => {
    await store.create({ id, length: null, metadata: {}, uploader, bytes: announced?.least ?? 0, claim })
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
  // The lock prevents another process from finishing the upload before its metadata is stored.
  await store.locks.run(id, async () => {
    try {
      // The limit for all labels together holds only for a header; these labels came in a body.
      await store.describe(id, validLabels(metadata, { maxBytes: Number.POSITIVE_INFINITY }))
    } catch (error) {
      await store.remove(id)
      throw error
    }
    await store.declareUploadLength(id, offset)
    await store.finish({ ...received, length: offset })
  })
}
