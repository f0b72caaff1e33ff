import type { Logger } from 'pino'
import { StartError } from '../../base/errors.ts'
import type { S3Location } from '../../config/storage-url.ts'
import { S3Bucket } from './s3-bucket.ts'
import { requireCredentials, s3Client } from './s3-client.ts'

/** The values of the usual AWS variables. */
export interface S3Keys {
  readonly id: string | undefined
  readonly secret: string | undefined
  readonly token: string | undefined
}

/**
 * Opens a bucket. If the service is not reachable, logs a warning and continues, because it may be reachable later.
 * @throws StartError if there are no credentials, if they are rejected, or if the bucket does not exist.
 */
export async function openBucket(location: S3Location, keys: S3Keys, log: Logger): Promise<S3Bucket> {
  const { id, secret, token } = keys
  const client = s3Client(
    location,
    id && secret ? { accessKeyId: id, secretAccessKey: secret, sessionToken: token } : undefined,
  )
  if (!id || !secret) await requireCredentials(client)
  const bucket = new S3Bucket(client, location)
  const { bucket: name, endpoint = 'AWS' } = location
  try {
    await bucket.headBucket()
  } catch (err) {
    const status = (err as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
    if (status === 404)
      throw new StartError(`STORAGE_URL: the bucket ${name} does not exist at ${endpoint}. Create it.`)
    if (status === 301)
      throw new StartError(`STORAGE_URL: the bucket ${name} is in another region. Set region=….`)
    if (status === 401 || status === 403)
      throw new StartError(
        `STORAGE_URL: ${endpoint} denies these credentials access to the bucket ${name}. Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy.`,
      )
    log.warn({ err }, 'the object storage is not reachable')
  }
  return bucket
}
