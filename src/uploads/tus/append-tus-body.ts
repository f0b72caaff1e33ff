import type { IncomingMessage } from 'node:http'
import type { CancellationContext } from '@tus/utils'
import type { Appended } from '../core/appended.ts'
import type { BodyCheck } from '../core/checksum.ts'
import { announcedBytes, requestBody } from '../core/request-body.ts'
import { exactly } from '../core/room.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import type { UploadStore } from '../core/upload-store.ts'
import { cutOff, type LockHolder } from './tus-request.ts'

export interface TusBody {
  /** As it was opened under its lock, which the caller holds. */
  readonly row: UploadRow
  readonly holder: LockHolder
  readonly context: CancellationContext
  /** The offset of the body's first byte, one that the upload accepts. */
  readonly from: number
  /** Bytes that the body may have. */
  readonly limit: number
  readonly check: BodyCheck | undefined
}

/**
 * Appends the body of a tus request. What came of one that was cut off is kept (not if it has a checksum), and the client is told why it
 * was, so that it does not take a part for all.
 * @throws ApiError 423, 410 or 503 for one that was cut off, and what `appendBody` throws.
 */
export async function takeTusBody(
  store: UploadStore,
  raw: IncomingMessage,
  { row, holder, context, from, limit, check }: TusBody,
): Promise<Appended> {
  const { signal } = context
  const isCut = () => signal.aborted && !(raw.readableEnded && raw.complete)
  const written = await store.append(row, requestBody(raw, { signal, limit }), {
    from,
    announced: exactly(announcedBytes(raw)),
    check: check && {
      update: chunk => check.update(chunk),
      verify: () => {
        if (isCut()) throw cutOff(holder)
        check.verify()
      },
    },
  })
  if (isCut() && !written.row.finished_at) throw cutOff(holder)
  return written
}
