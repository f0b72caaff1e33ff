import { parseHttpDate } from '../base/http-date.ts'

/**
 * Reads a `Retry-After` field, a number of seconds or an HTTP date (RFC 9110 §10.2.3). Fractions of a second, which some services send, are
 * accepted. @param maxS limit for the result, because the peer is not trusted. @param nowMs the current time, milliseconds since 1970.
 * @returns seconds from now, more than 0; undefined if the field is absent, invalid, or names a time in the past.
 */
export function retryAfterOf(
  field: string | readonly string[] | null | undefined,
  maxS: number,
  nowMs = Date.now(),
): number | undefined {
  const text = (typeof field === 'string' ? field : (field?.[0] ?? '')).trim()
  const seconds = /^\d+(\.\d+)?$/.test(text)
    ? Number(text)
    : ((parseHttpDate(text) ?? Number.NaN) - nowMs) / 1000
  return seconds > 0 ? Math.min(seconds, maxS) : undefined
}
