import { type CancellationContext, Metadata } from '@tus/utils'
import { uploadNotFound } from '../core/upload-errors.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import { formatConcat } from './concat-header.ts'
import { expiresHeader } from './expires-header.ts'
import { TusHandler } from './tus-handler.ts'

/** HEAD: the offset at which the client continues (tus 1.0.0, Core Protocol). */
export class HeadHandler extends TusHandler {
  protected async handle({ id }: UploadRequest, _: CancellationContext, headers: Headers): Promise<number> {
    const { store, finals } = this.deps
    if (!id) throw uploadNotFound()
    // This does not stop the upload's present writer. The offset in the response is promised: the upload accepts it later.
    const row = await store.promiseSettledOffset(id)
    // "The Upload-Length header MUST be included if the length of the final resource can be calculated at the time of the request."
    const length = await finals.lengthOf(row)
    for (const [name, value] of Object.entries(describe({ ...row, length })))
      if (value !== undefined) headers.set(name, value)
    return 200
  }
}

function describe(row: UploadRow): Record<string, string | undefined> {
  // "The response to a HEAD request for a final upload MUST NOT contain the Upload-Offset header unless the concatenation has been
  // successfully finished."
  const joined = row.concat !== 'final' || row.finished_at !== null
  return {
    // "The Server MUST prevent the client and/or proxies from caching the response"
    'Cache-Control': 'no-store',
    'Upload-Offset': joined ? String(row.offset) : undefined,
    'Upload-Length': row.length === null ? undefined : String(row.length),
    'Upload-Defer-Length': row.length === null && row.concat !== 'final' ? '1' : undefined,
    'Upload-Metadata': Metadata.stringify(row.metadata) || undefined,
    'Upload-Concat': formatConcat(row),
    'Upload-Expires': expiresHeader(row),
  }
}
