import type { UploadRow } from '../core/upload-rows.ts'
import type { Interop } from './interop.ts'

/** The largest integer of RFC 9651 §3.3.1. */
const MAX_INTEGER = 999_999_999_999_999

export interface Limits {
  /** Maximum size of an upload in bytes. */
  readonly maxSize: number
  /** An unfinished upload may be removed this many seconds after its last byte. */
  readonly expiry: number
}

/**
 * Formats `Upload-Limit`. An append may be as large as the whole upload. Every received byte renews the lifetime, so the upload never expires
 * sooner than the header says.
 * @param row absent if the upload does not exist yet. @returns undefined if the interop version has no limits.
 */
export function formatLimits(
  { maxSize, expiry }: Limits,
  { lifetime }: Interop,
  row?: UploadRow,
): string | undefined {
  if (!lifetime) return undefined
  const size = Math.min(maxSize, MAX_INTEGER)
  const limits = [`max-size=${size}`, 'min-size=0', `max-append-size=${size}`]
  const left = row ? Math.floor((row.expires_at.getTime() - Date.now()) / 1000) : expiry
  // A finished upload does not expire.
  if (!row?.finished_at) limits.push(`${lifetime}=${Math.max(0, left)}`)
  return limits.join(', ')
}
