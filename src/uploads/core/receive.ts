import type { Readable } from 'node:stream'
import { v7 as uuid } from 'uuid'
import { type UploadMetadata, validLabels } from './metadata.ts'
import type { Announced } from './room.ts'
import type { Uploader } from './upload-context.ts'
import type { UploadStore } from './upload-store.ts'

/** A body that becomes an upload in one go, for clients that do not resume. */
export interface ReceivedUpload {
  readonly id: string
  /** Bytes. */
  readonly size: number
}

/** Where a body comes from. */
export interface Sender {
  readonly uploader: Uploader
  /** Bytes that it has, as far as that is known. */
  readonly announced?: Announced | undefined
}

/** Takes in a whole body, without finishing it: what the client says of it may come after the bytes. Removes what arrived where it breaks off. */
export async function receiveBody(
  store: UploadStore,
  body: Readable,
  { uploader, announced }: Sender,
  id = uuid(),
): Promise<ReceivedUpload> {
  await store.create({ id, length: null, metadata: {}, uploader, bytes: announced?.least ?? 0 })
  try {
    return { id, size: await store.write(body, id, 0, announced) }
  } catch (error) {
    await store.remove(id)
    throw error
  }
}

/** Finishes a received body as a video. The bytes are removed if that fails before it begins. */
export async function finishReceived(
  store: UploadStore,
  received: ReceivedUpload,
  metadata: UploadMetadata,
): Promise<void> {
  try {
    // It came in a body, where only the limit of each field counts.
    await store.describe(received.id, validLabels(metadata, { maxBytes: Number.POSITIVE_INFINITY }))
  } catch (error) {
    await store.remove(received.id)
    throw error
  }
  await store.declareUploadLength(received.id, received.size)
  await store.finish(received.id, received.size)
}
