import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { storageUrl } from '../../src/config/storage-url.ts'
import { S3Bucket } from '../../src/objects/s3/s3-bucket.ts'
import { s3Client } from '../../src/objects/s3/s3-client.ts'
import { S3Objects } from '../../src/objects/s3/s3-objects.ts'
import { ScratchCache } from '../../src/objects/s3/scratch-cache.ts'
import { S3UploadBytes } from '../../src/uploads/bytes/s3/s3-upload-bytes.ts'
import { S3_CREDENTIALS, S3Server } from './s3-server.ts'
import { type OpenedStorage, STORAGES } from './storages.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** Opens a storage as the service does. @param url a value of STORAGE_URL. */
export function s3Storage(url: string): OpenedStorage & { bucket: S3Bucket } {
  const location = storageUrl(url, 'STORAGE_URL')
  const client = s3Client(location, {
    accessKeyId: S3_CREDENTIALS.AWS_ACCESS_KEY_ID,
    secretAccessKey: S3_CREDENTIALS.AWS_SECRET_ACCESS_KEY,
  })
  const bucket = new S3Bucket(client, location)
  const cache = new ScratchCache(throwAwayDirectory('s3-cache'))
  return { bucket, objects: new S3Objects(bucket, cache), bytes: new S3UploadBytes(bucket) }
}

/** Every implementation, S3 on a server of its own that ends with `t`. */
export async function storagesWithS3(t: Pick<Test, 'teardown'>): Promise<typeof STORAGES> {
  const server = await S3Server.start()
  t.teardown(() => server.stop())
  return {
    ...STORAGES,
    s3: () => {
      const url = server.url(randomUUID())
      return () => s3Storage(url)
    },
  }
}
