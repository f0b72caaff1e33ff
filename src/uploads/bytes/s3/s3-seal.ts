import { StorageUnavailableError } from '../../../objects/object-storage.ts'
import type { S3Bucket } from '../../../objects/s3/s3-bucket.ts'
import { isMultipartGone, isPartInvalid } from '../../../objects/s3/s3-errors.ts'
import { sizeOf } from '../../../objects/s3/s3-parts.ts'
import { BytesLostError } from '../upload-bytes.ts'
import type { Extent, GrowingMultipart } from './s3-state.ts'

/**
 * Makes an object of a multipart upload's parts, so that they can be read and copied. Others may have done it before, with these parts or
 * with further ones, which do not count. The caller holds the upload's lock.
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
 * Why a multipart upload takes no more parts. If it has become an object, the next request continues after it.
 * @param multipart the parts of it that a row may name.
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
