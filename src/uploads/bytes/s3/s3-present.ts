import { setTimeout as pause } from 'node:timers/promises'
import { StorageUnavailableError } from '../../../objects/object-storage.ts'
import type { S3Bucket } from '../../../objects/s3/s3-bucket.ts'
import { isMultipartGone } from '../../../objects/s3/s3-errors.ts'
import { inParallel } from '../../../objects/s3/s3-parallel.ts'
import { sizeOf } from '../../../objects/s3/s3-parts.ts'
import { BytesLostError, type GrowingUpload } from '../upload-bytes.ts'
import type { Extent, GrowingMultipart, S3State } from './s3-state.ts'

/** Maximum number of objects whose sizes are queried in parallel. */
export const PARALLEL_CHECKS = 8
/** Pauses before missing bytes count as lost. While a service starts or is overloaded, it can report that an existing object is missing. */
const RECHECK_PAUSES_MS = [300, 1500]

/** Number of bytes before the first missing one. It is less than the offset only if repeated checks confirm that. */
export async function presentBytes(
  bucket: S3Bucket,
  { state, offset }: GrowingUpload<S3State>,
): Promise<number> {
  let size = await bytesIn(bucket, state)
  for (const ms of RECHECK_PAUSES_MS) {
    if (size >= offset) return size
    await pause(ms)
    size = await bytesIn(bucket, state)
  }
  return size
}

/**
 * Runs work on the bytes of an upload. If `work` reports lost bytes, checks again whether they are missing.
 * @throws StorageUnavailableError if they exist after all; otherwise the error of `work`.
 */
export async function confirmingLoss<T>(
  bucket: S3Bucket,
  upload: GrowingUpload<S3State>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof BytesLostError) || (await presentBytes(bucket, upload)) < upload.offset)
      throw error
    throw new StorageUnavailableError(
      'storage_unavailable',
      'The object storage did not find an object that exists.',
      error,
    )
  }
}

async function bytesIn(bucket: S3Bucket, state: S3State | null): Promise<number> {
  const { segments = [], multipart, tail = [] } = state ?? {}
  const before = await bytesInObjects(bucket, segments)
  if (before < sizeOf(segments)) return before
  const inParts = multipart ? await bytesInParts(bucket, multipart) : 0
  if (inParts < sizeOf(multipart?.parts ?? [])) return before + inParts
  return before + inParts + (await bytesInObjects(bucket, tail))
}

async function bytesInObjects(bucket: S3Bucket, extents: readonly Extent[]): Promise<number> {
  const sizes = await inParallel(extents, PARALLEL_CHECKS, async ({ key, size }) =>
    Math.min((await bucket.head(key))?.size ?? 0, size),
  )
  const missing = sizes.findIndex((size, index) => size < extents[index]!.size)
  return sizes.slice(0, missing === -1 ? sizes.length : missing + 1).reduce((sum, size) => sum + size, 0)
}

async function bytesInParts(bucket: S3Bucket, multipart: GrowingMultipart): Promise<number> {
  const { key, parts } = multipart
  try {
    const found = await bucket.parts(multipart)
    const missing = parts.findIndex(({ number, size }) => found.get(number)?.size !== size)
    return sizeOf(missing === -1 ? parts : parts.slice(0, missing))
  } catch (error) {
    if (!isMultipartGone(error)) throw error
    // It may have been completed to an object.
    return Math.min((await bucket.head(key))?.size ?? 0, sizeOf(parts))
  }
}
