import { ApiError } from '../../base/errors.ts'
import { UUID_PATTERN } from '../../base/ids.ts'
import type { UploadRow } from './upload-rows.ts'

export const MAX_PARTS = 1000

const UPLOAD_ID = new RegExp(`/(${UUID_PATTERN})/?(?:[?].*)?$`)

/** The role of an upload in a concatenation (tus 1.0.0, Concatenation). */
export type Concat =
  | { readonly kind: 'partial' }
  | {
      readonly kind: 'final'
      /** URLs, as the client wrote them. */
      readonly parts: readonly string[]
    }

/** The ids at the end of uploads' URLs, in the order of the URLs. Other URLs are left out. */
export function partIds(urls: readonly string[]): string[] {
  return urls.map(url => UPLOAD_ID.exec(url)?.[1]).filter(id => id !== undefined)
}

/** @throws ApiError 400 if one of the ids does not belong to a partial upload whose bytes still exist. */
export function requireParts(ids: readonly string[], rows: readonly UploadRow[]): void {
  const partial = new Set(rows.filter(row => row.concat === 'partial' && !row.cleared).map(row => row.id))
  const missing = ids.find(id => !partial.has(id))
  if (missing) throw invalidConcatenation(`names /uploads/${missing}, which is not a partial upload`)
}

/** @param problem the rest of a sentence that begins with the header's name. */
export function invalidConcatenation(problem: string): ApiError {
  return new ApiError(400, 'invalid_concatenation', `Upload-Concat ${problem}.`, 'Upload-Concat')
}
