import type { UploadRow } from '../core/upload-rows.ts'
import { uploaderOf } from '../core/uploader.ts'
import type { Exchange, Headers } from './exchange.ts'
import type { DraftParts } from './ietf-deps.ts'
import { formatLimits } from './upload-limit.ts'

/** What has become of a request that brought bytes. */
export interface Outcome {
  readonly row: UploadRow
  readonly status: number
}

/** Where an upload is, for whoever sends this request. */
export function locationOf({ publicUrl = '' }: DraftParts, { request }: Exchange, id: string): string {
  return `${publicUrl}/uploads/${id}${uploaderOf(request).link?.query ?? ''}`
}

/** An upload's state, as every answer about it has it. */
export function uploadHeaders({ store, maxSize }: DraftParts, exchange: Exchange, row: UploadRow): Headers {
  return {
    ...exchange.completeness(row.finished_at !== null),
    'Upload-Offset': String(row.offset),
    'Upload-Limit': formatLimits({ maxSize, expiry: store.getExpiration() / 1000 }, exchange.interop, row),
  }
}

/** Answers a request that brought bytes; once the upload is complete, with the video that it has become. */
export function answerOutcome(parts: DraftParts, exchange: Exchange, { row, status }: Outcome): void {
  const headers = uploadHeaders(parts, exchange, row)
  if (!row.finished_at || row.concat === 'partial') {
    exchange.answer(status, headers)
    return
  }
  const video = `${parts.publicUrl ?? ''}/videos/${row.id}`
  const location = locationOf(parts, exchange, row.id)
  exchange.answer(
    status,
    { ...headers, Location: location, 'Content-Location': video, 'Cache-Control': 'no-store' },
    { id: row.id, links: { self: video } },
  )
}
