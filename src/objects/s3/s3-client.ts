import { S3Client } from '@aws-sdk/client-s3'
import { StartError } from '../../base/errors.ts'
import type { S3Location } from '../../config/storage-url.ts'

/** Attempts per request, with growing delays, after 503 SlowDown, lost connections and errors in a 200 response. */
const MAX_ATTEMPTS = 5
const CONNECTION_TIMEOUT_MS = 5000
/** A connection is closed if no byte is transferred for this time. Completing a large multipart upload can take long. */
const SILENCE_MS = 60_000
const MAX_SOCKETS = 128

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** @param credentials default: the credentials that the AWS SDK finds, such as profiles and roles of containers and machines. */
export function s3Client(location: S3Location, credentials: S3Credentials | undefined): S3Client {
  return new S3Client({
    region: location.region,
    forcePathStyle: location.pathStyle,
    maxAttempts: MAX_ATTEMPTS,
    // This code adds checksums to bodies itself. The client's checksums would be wrong for ranges.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      httpAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
      httpsAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
    },
    ...(location.endpoint && { endpoint: location.endpoint }),
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey,
        ...(credentials.sessionToken && { sessionToken: credentials.sessionToken }),
      },
    }),
  })
}

/** @throws StartError if there are no credentials. */
export async function requireCredentials(client: S3Client): Promise<void> {
  try {
    await client.config.credentials()
  } catch (cause) {
    throw new StartError(
      'STORAGE_URL needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role.',
      { cause },
    )
  }
}
