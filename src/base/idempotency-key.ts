import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from './errors.ts'

/**
 * Reads `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). In the draft, the key is in quotation marks; most clients omit
 * them. @returns undefined if the field is absent. @throws ApiError 400
 */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['idempotency-key']
  if (value === undefined) return undefined
  const key = String(value).trim()
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"(?:\s*;.*)?$/.exec(key) ?? []
  const plain = quoted ?? key
  if (/^[\x20-\x7e]{1,255}$/.test(plain)) return plain
  throw new ApiError(
    400,
    'invalid_request',
    'The Idempotency-Key has to be 1 to 255 characters of ASCII.',
    'idempotency-key',
  )
}
