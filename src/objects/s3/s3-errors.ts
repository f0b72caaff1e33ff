import { ApiError } from '../../base/errors.ts'
import { StorageFullError, StorageLostError, StorageUnavailableError } from '../object-storage.ts'

/** The members of an S3 client error by which it is recognised. */
interface S3Failure {
  readonly name?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const FULL = ['QuotaExceeded', 'QuotaExceededException', 'XMinioStorageFull', 'InsufficientCapacity']
const REFUSED = ['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'CredentialsProviderError']

/** Whether the object does not exist. */
export function isAbsent(error: unknown): boolean {
  const { name, $metadata } = (error ?? {}) as S3Failure
  return name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404)
}

/** Whether a multipart upload was completed, aborted, or removed by the service. */
export function isMultipartGone(error: unknown): boolean {
  return ((error ?? {}) as S3Failure).name === 'NoSuchUpload'
}

/** Whether a part differs from the part in the request. */
export function isPartInvalid(error: unknown): boolean {
  const { name = '' } = (error ?? {}) as S3Failure
  return ['InvalidPart', 'InvalidPartOrder', 'BadDigest'].includes(name)
}

/** Whether an object was replaced after it was read. */
export function isReplaced(error: unknown): boolean {
  return ((error ?? {}) as S3Failure).$metadata?.httpStatusCode === 412
}

/** Translates a failure of the service to an error for the client. Returns errors that are already translated unchanged. */
export function explainS3Failure(error: unknown): unknown {
  const { name = '', code = '', $metadata } = (error ?? {}) as S3Failure
  if (error instanceof ApiError || error instanceof StorageLostError) return error
  // With the code of a missing file on a disk.
  if (isAbsent(error))
    return Object.assign(new Error('The object does not exist.', { cause: error }), {
      name: 'NoSuchKey',
      code: 'ENOENT',
    })
  const status = $metadata?.httpStatusCode
  if (FULL.includes(name) || status === 507) return new StorageFullError('The object storage is full.', error)
  if (REFUSED.includes(name) || status === 403)
    return new StorageUnavailableError(
      'storage_not_writable',
      'The object storage denies access to this service.',
      error,
    )
  // The client reports a failed connection as an error with a code or only with a name.
  const isService = $metadata !== undefined || /^E[A-Z]+$/.test(code) || /Timeout|AbortError/.test(name)
  if (!isService) return error
  return new StorageUnavailableError('storage_unavailable', 'The object storage does not work.', error)
}

/** Runs a request that needs the storage. @throws StorageFullError, StorageUnavailableError */
export async function explained<T>(request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw explainS3Failure(error)
  }
}
