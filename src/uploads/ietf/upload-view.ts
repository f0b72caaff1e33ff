import type { UploadRow } from '../core/upload-rows.ts'
import type { Exchange, Headers } from './exchange.ts'
import type { IetfDeps } from './ietf-deps.ts'
import { formatLimits } from './upload-limit.ts'

/** The result of a request that creates an upload or appends to it. */
export interface Outcome {
  readonly row: UploadRow
  readonly status: number
}

/** The URL of an upload. If the client uses an upload link, the URL contains its token. */
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

/** Sends the response to a request with bytes. Once the upload is complete, the response links to its video. */
export function sendOutcome(deps: IetfDeps, exchange: Exchange, { row, status }: Outcome): void {
  const headers = uploadHeaders(deps, exchange, row)
  if (!row.finished_at || row.concat === 'partial') {
    exchange.respond(status, headers)
    return
  }
  const video = `${deps.publicUrl ?? ''}/videos/${row.id}`
  const location = locationOf(deps, exchange, row.id)
  exchange.respond(
    status,
    { ...headers, Location: location, 'Content-Location': video, 'Cache-Control': 'no-store' },
    { id: row.id, links: { self: video } },
  )
}
