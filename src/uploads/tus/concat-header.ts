import type { IncomingHttpHeaders } from 'node:http'
import { fieldOf } from '../../base/header-fields.ts'
import { type Concat, invalidConcatenation, MAX_PARTS, partIds } from '../core/concatenation.ts'
import type { UploadRow } from '../core/upload-rows.ts'

/**
 * Reads `Upload-Concat` (tus 1.0.0, Concatenation).
 * @returns undefined if it is absent or empty. @throws ApiError 400 if it is malformed.
 */
export function parseConcat(headers: IncomingHttpHeaders): Concat | undefined {
  const value = fieldOf(headers, 'Upload-Concat')
  if (value === undefined) return undefined
  if (/^partial$/i.test(value)) return { kind: 'partial' }
  const urls = /^final\s*;\s*(.*)$/i.exec(value)?.[1]?.split(/\s+/).filter(Boolean) ?? []
  if (urls.length === 0 || urls.length > MAX_PARTS || partIds(urls).length !== urls.length)
    throw invalidConcatenation(
      `must be "partial", or "final;" and the URLs of 1 to ${MAX_PARTS} partial uploads`,
    )
  return { kind: 'final', parts: urls }
}

/** `Upload-Concat` for HEAD, "as received in the upload creation request". @returns undefined if the upload is neither partial nor final. */
export function formatConcat({ concat, parts }: UploadRow): string | undefined {
  if (concat !== 'final') return concat ?? undefined
  return `final;${(parts ?? []).join(' ')}`
}
