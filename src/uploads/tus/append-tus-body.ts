import type { Appended } from '../core/appended.ts'
import type { BodyCheck } from '../core/body-check.ts'
import { announcedBytes, requestBody } from '../core/request-body.ts'
import { exactly } from '../core/space-reservations.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { UploadStore } from '../core/upload-store.ts'
import { releaseError } from '../locks/release-errors.ts'
import type { Hold } from '../locks/upload-locks.ts'

export interface TusBody {
  /** The row as it was opened. The caller holds its lock. */
  readonly row: UploadRow
  readonly hold: Hold
  /** Ends the body where it is. */
  readonly signal: AbortSignal
  /** The offset of the body's first byte, one that the upload accepts. */
  readonly from: number
  /** Bytes that the body may have. */
  readonly limit: number
  readonly check: BodyCheck | undefined
}

/**
 * Appends the body of a tus request. The bytes of a body that was cut off are kept, unless it has a checksum. The client is told why it was
 * cut off, so that it does not take a part for the whole.
 * @throws ApiError 423, 410 or 503 for a body that was cut off, and what `UploadStore.append` throws.
 */
export async function appendTusBody(
  store: UploadStore,
  { raw }: UploadRequest,
  { row, hold, signal, from, limit, check }: TusBody,
): Promise<Appended> {
  const isCut = () => signal.aborted && !(raw.readableEnded && raw.complete)
  const written = await store.append(row, requestBody(raw, { signal, limit }), {
    from,
    announced: exactly(announcedBytes(raw)),
    check: check && {
      update: chunk => check.update(chunk),
      verify: () => {
        if (isCut()) throw releaseError(hold.releaseReason)
        check.verify()
      },
    },
  })
  if (isCut() && !written.row.finished_at) throw releaseError(hold.releaseReason)
  return written
}
