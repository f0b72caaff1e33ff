import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type ByteRange, StorageUnavailableError } from '../object-storage.ts'
import type { Download, S3Bucket } from './s3-bucket.ts'
import { explainS3Failure, isAbsent, isReplaced } from './s3-errors.ts'

/** A download fails after this many attempts in a row without a new byte. */
const MAX_FAILURES = 5
const FIRST_PAUSE_MS = 100
/** If a download receives no byte for this time, its request is aborted and repeated. */
const SILENCE_MS = 30_000
const BUFFER_BYTES = 256 * 1024

/**
 * Reads an object or a range of it. If a connection is lost or ends early, the download continues after the last received byte. The stream
 * ends after the last byte of the range, or fails.
 * @param etag if set, the download fails unless the object has this ETag.
 * @throws Error if the object does not exist, or if the range ends after the object.
 */
export async function download(
  bucket: S3Bucket,
  key: string,
  range?: ByteRange,
  etag?: string,
): Promise<Readable> {
  const abort = new AbortController()
  const first = await bucket.get(key, range, etag, abort.signal).catch(error => {
    throw explainS3Failure(error)
  })
  const { start, end } = range ?? { start: 0, end: first.size - 1 }
  if (end >= first.size) {
    abort.abort()
    first.body.on('error', () => {}).destroy()
    throw new Error(`The object ${key} has ${first.size} bytes, so byte ${end} does not exist.`)
  }
  const chunks = continued(bucket, key, { start, end }, first, abort)
  return Readable.from(chunks, { objectMode: false, highWaterMark: BUFFER_BYTES })
}

async function* continued(
  bucket: S3Bucket,
  key: string,
  { start, end }: ByteRange,
  first: Download,
  abort: AbortController,
): AsyncGenerator<Uint8Array> {
  let at = start
  let failures = 0
  let current: { body: Readable; abort: AbortController } | undefined = { body: first.body, abort }
  try {
    for (;;) {
      let failure: unknown = new Error(`The download of ${key} ended before its last byte.`)
      try {
        current ??= await reopened(bucket, key, { start: at, end }, first.etag)
        for await (const chunk of withTimeout(current)) {
          failures = 0
          at += chunk.byteLength
          if (at > end + 1) throw new Error(`The object storage sent more bytes of ${key} than requested.`)
          yield chunk
        }
        if (at === end + 1) return
      } catch (error) {
        if (isAbsent(error) || isReplaced(error)) throw error
        failure = error
      }
      current?.abort.abort()
      current = undefined
      if (++failures > MAX_FAILURES)
        throw new StorageUnavailableError('storage_unavailable', 'The object storage does not work.', failure)
      await pause(FIRST_PAUSE_MS * 2 ** (failures - 1))
    }
  } finally {
    // This also runs when the reader stops early.
    current?.abort.abort()
  }
}

async function reopened(bucket: S3Bucket, key: string, range: ByteRange, etag: string) {
  const abort = new AbortController()
  const { body } = await bucket.get(key, range, etag, abort.signal)
  return { body, abort }
}

/** The chunks of a body. Fails if no chunk arrives in time; time during which the reader is busy does not count. */
async function* withTimeout({
  body,
  abort,
}: {
  body: Readable
  abort: AbortController
}): AsyncGenerator<Uint8Array> {
  // An aborted body emits a second error when there are no more listeners.
  body.on('error', () => {})
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      const timer = setTimeout(() => {
        abort.abort()
        body.destroy(new Error('The object storage sent nothing in time.'))
      }, SILENCE_MS)
      const next = await chunks.next().finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    body.destroy()
  }
}
