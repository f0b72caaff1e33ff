import { createHash } from 'node:crypto'
import { StorageLostError } from '../../../objects/object-storage.ts'
import type { S3Bucket } from '../../../objects/s3/s3-bucket.ts'
import { isMultipartGone, isPartInvalid } from '../../../objects/s3/s3-errors.ts'
import { crcOf, isMadeOf, MAX_PARTS, type Part } from '../../../objects/s3/s3-parts.ts'
import { completeWhole } from '../../../objects/s3/s3-store.ts'
import { gather, wholes } from './s3-join.ts'
import type { Extent, GrowingMultipart } from './s3-state.ts'

/**
 * Completes a multipart upload with the tail as its last part, and verifies the object. It can be repeated after a lost response or a crash.
 * @param known the bytes of the tail, if they are in memory.
 * @returns false if the object consists of other parts, or if no part number is left. The bytes must then be copied to a new object.
 */
export async function finishMultipart(
  bucket: S3Bucket,
  multipart: GrowingMultipart,
  tail: readonly Extent[],
  known: readonly Uint8Array[] | undefined,
): Promise<boolean> {
  const { parts } = multipart
  const number = (parts.at(-1)?.number ?? 0) + 1
  if (number > MAX_PARTS) return false
  const all: Part[] = [...parts]
  try {
    if (tail.length > 0) {
      const body = known ? Buffer.concat(known) : await gather(bucket, wholes(tail))
      // The same ETag as the service will report.
      const etag = createHash('md5').update(body).digest('hex')
      all.push({ number, size: body.byteLength, etag, crc: crcOf(body) })
      all[all.length - 1] = await bucket.uploadPart(multipart, number, body)
    }
    await completeWhole(bucket, multipart, all)
    return true
  } catch (error) {
    if (isMultipartGone(error)) {
      const made = await bucket.head(multipart.key)
      return made !== undefined && isMadeOf(made, all)
    }
    // The process that began the multipart upload may have sent another part with this number in the meantime.
    if (error instanceof StorageLostError || isPartInvalid(error)) return false
    throw error
  }
}
