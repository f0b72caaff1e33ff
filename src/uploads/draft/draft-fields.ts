import type { IncomingMessage } from 'node:http'
import { tooLarge } from '../upload-errors.ts'
import { inconsistentLength } from './draft-problem.ts'
import type { Interop } from './interop.ts'

/** Parameters of an item (RFC 9651 §3.1.2), none of which mean anything here. */
const PARAMETERS = '(?:; *[a-z*][a-z0-9_.*-]*(?:=[^;,]*)?)*'
const BOOLEAN = new RegExp(`^\\?([01])${PARAMETERS}$`)
const INTEGER = new RegExp(`^(\\d{1,15})${PARAMETERS}$`)

/** A boolean of RFC 9651 §3.3.6. "Other values MUST cause the entire header field to be ignored." */
export function parseBoolean(value: string | undefined): boolean | undefined {
  const bit = BOOLEAN.exec(value ?? '')?.[1]
  return bit === undefined ? undefined : bit === '1'
}

/** A non-negative integer of RFC 9651 §3.3.1, which has at most 15 digits. Others are ignored too. */
export function parseInteger(value: string | undefined): number | undefined {
  const digits = INTEGER.exec(value ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export function formatBoolean(value: boolean): string {
  return value ? '?1' : '?0'
}

/** A header that comes once, by its name in lower case. */
export function field({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value.trim() : undefined
}

/** Whether the request says that its body is the end of the upload; undefined where it does not say. */
export function completenessOf(request: IncomingMessage, { completeness }: Interop): boolean | undefined {
  const value = parseBoolean(field(request, completeness.toLowerCase()))
  return completeness === 'Upload-Incomplete' && value !== undefined ? !value : value
}

/** Bytes of the body where they are known beforehand: RFC 9112 §6.3, no length and no transfer coding mean no body. */
export function bodyLengthOf(request: IncomingMessage): number | undefined {
  if (request.headers['transfer-encoding'] !== undefined) return undefined
  return Number(request.headers['content-length'] ?? 0)
}

/**
 * The length of the whole, as far as a request tells it: "1. If the request includes the Upload-Complete field value set to true and a
 * valid Content-Length header field [...]. 2. The request can include the Upload-Length header field".
 * @param from the offset that the body begins at.
 * @param known the length that earlier requests told.
 * @throws DraftProblem 400 where the two do not agree ("their indicated lengths MUST match"), ApiError 413 beyond `maxSize`.
 */
export function lengthOf(
  request: IncomingMessage,
  {
    complete,
    from,
    known,
    maxSize,
  }: { complete: boolean; from: number; known: number | null; maxSize: number },
): number | undefined {
  const body = bodyLengthOf(request)
  const lengths = [
    known ?? undefined,
    complete && body !== undefined ? from + body : undefined,
    parseInteger(field(request, 'upload-length')),
  ].filter(length => length !== undefined)
  const [length] = lengths
  if (lengths.some(other => other !== length))
    throw inconsistentLength(`It was ${lengths.join(' and ')} bytes.`)
  if (length !== undefined && length < from)
    throw inconsistentLength(`It is ${length} bytes, and there are ${from} already.`)
  if ((length ?? from) > maxSize) throw tooLarge(maxSize)
  return length
}
