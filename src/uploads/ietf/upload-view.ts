import type { UploadRow } from '../core/upload-rows.ts'
import type { Exchange, Headers } from './exchange.ts'
import type { IetfDeps } from './ietf-deps.ts'
import { formatLimits } from './upload-limit.ts'

/** The result of a request with bytes. */
export interface Outcome {
  readonly row: UploadRow
  readonly status: number
}

/** The URL of an upload, with the client's link if it has one. */
export function locationOf({ publicUrl = '' }: IetfDeps, { context }: Exchange, id: string): string {
  return `${publicUrl}/uploads/${id}${context.link?.query ?? ''}`
}

/** The headers of every response about an upload. */
export function uploadHeaders({ store, maxSize }: IetfDeps, exchange: Exchange, row: UploadRow): Headers {
  return {
    ...exchange.completeness(row.finished_at !== null),
    'Upload-Offset': String(row.offset),
    'Upload-Limit': formatLimits({ maxSize, expiry: store.expiryS }, exchange.interop, row),
  }
}

/** Answers a request with bytes. Once the upload is complete, the answer names its video. */
export function answerOutcome(deps: IetfDeps, exchange: Exchange, { row, status }: Outcome): void {
  const headers = uploadHeaders(deps, exchange, row)
  if (!row.finished_at || row.concat === 'partial') {
    exchange.answer(status, headers)
    return
  }
  const video = `${deps.publicUrl ?? ''}/videos/${row.id}`
  const location = locationOf(deps, exchange, row.id)
  exchange.answer(
    status,
    { ...headers, Location: location, 'Content-Location': video, 'Cache-Control': 'no-store' },
    { id: row.id, links: { self: video } },
  )
}
