import { StorageUnavailableError } from '../../../objects/object-storage.ts'
import type { S3Bucket } from '../../../objects/s3/s3-bucket.ts'
import { isMultipartGone, isPartInvalid } from '../../../objects/s3/s3-errors.ts'
import { sizeOf } from '../../../objects/s3/s3-parts.ts'
import { BytesLostError } from '../upload-bytes.ts'
import type { Extent, GrowingMultipart } from './s3-state.ts'

/**
 * Completes a multipart upload to an object, so that its parts can be read and copied. Another process may have completed it before, with
 * these parts or with additional ones, which do not count. The caller must hold the upload's lock.
 * @throws BytesLostError if the service has removed the multipart upload, or a part of it.
 */
export async function seal(bucket: S3Bucket, multipart: GrowingMultipart): Promise<Extent> {
  const { key, parts } = multipart
  try {
    await bucket.complete(multipart, parts)
  } catch (error) {
    if (isPartInvalid(error)) throw new BytesLostError()
    if (!isMultipartGone(error)) throw error
  }
  const size = sizeOf(parts)
  const made = await bucket.head(key)
  if (!made || made.size < size) throw new BytesLostError()
  return { key, size }
}

/**
 * Explains why a multipart upload accepts no more parts. If it was completed to an object, the next request continues after that object.
 * @param multipart with the parts that a row can name.
 */
export async function explainGone(
  bucket: S3Bucket,
  multipart: GrowingMultipart | undefined,
  cause: unknown,
): Promise<Error> {
  const made = multipart && (await bucket.head(multipart.key))
  if (multipart && (made?.size ?? 0) < sizeOf(multipart.parts)) return new BytesLostError()
  return new StorageUnavailableError(
    'storage_unavailable',
    'The object storage has closed this upload.',
    cause,
  )
}
