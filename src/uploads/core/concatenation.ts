import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from '../../base/errors.ts'
import { fieldOf } from '../../base/header-fields.ts'
import { uploadIdOf } from '../tus/tus-request.ts'
import type { UploadRow } from './upload-rows.ts'

const MAX_PARTS = 1000

/** What `Upload-Concat` says of an upload that is to be created (tus 1.0.0, Concatenation). */
export type Concat =
  | { readonly kind: 'partial' }
  | {
      readonly kind: 'final'
      /** URLs, as the client has named them. */
      readonly parts: readonly string[]
    }

/** @returns undefined if the header is absent or empty. @throws ApiError 400 if it is malformed. */
export function parseConcat(headers: IncomingHttpHeaders): Concat | undefined {
  const value = fieldOf(headers, 'Upload-Concat')
  if (value === undefined) return undefined
  if (/^partial$/i.test(value)) return { kind: 'partial' }
  const urls = /^final\s*;\s*(.*)$/i.exec(value)?.[1]?.split(/\s+/).filter(Boolean) ?? []
  if (urls.length === 0 || urls.length > MAX_PARTS || partIds(urls).length !== urls.length) {
    throw refused(`must be "partial", or "final;" and the URLs of 1 to ${MAX_PARTS} partial uploads`)
  }
  return { kind: 'final', parts: urls }
}

/** The ids that URLs of uploads end with, in order; what is no such URL has none. */
export function partIds(urls: readonly string[]): string[] {
  return urls.map(url => uploadIdOf(url)).filter(id => id !== undefined)
}

/**
 * The header as HEAD tells it, "as received in the upload creation request"; undefined for an upload that has nothing to do with
 * concatenation.
 */
export function formatConcat({ concat, parts }: UploadRow): string | undefined {
  if (concat !== 'final') return concat ?? undefined
  return `final;${(parts ?? []).join(' ')}`
}

/** @throws ApiError 400 where one of the parts is not there, or no partial upload. */
export function requireParts(ids: readonly string[], rows: readonly UploadRow[]): void {
  const partial = new Set(rows.filter(row => row.concat === 'partial' && !row.cleared).map(row => row.id))
  const missing = ids.find(id => !partial.has(id))
  if (missing) throw refused(`names /uploads/${missing}, which is no partial upload`)
}

function refused(problem: string): ApiError {
  return new ApiError(400, 'invalid_concatenation', `Upload-Concat ${problem}.`, 'Upload-Concat')
}
