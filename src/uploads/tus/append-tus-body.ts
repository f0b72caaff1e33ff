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
  /** The row as read under the upload's lock, which the caller holds. */
  readonly row: UploadRow
  readonly hold: Hold
  /** Ends the body early. */
  readonly signal: AbortSignal
  /** The offset of the body's first byte; `accepts` has checked it. */
  readonly from: number
  /** Maximum size of the body in bytes. */
  readonly limit: number
  readonly check: BodyCheck | undefined
}

/**
 * Appends the body of a tus request. If the body is cut off, its bytes are kept, unless it has a checksum. The response then is an error with
 * the reason, so that the client does not assume that all bytes are stored.
 * @throws ApiError 423, 410 or 503 if the body was cut off; and the errors of `UploadStore.append`.
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
