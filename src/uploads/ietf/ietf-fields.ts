import type { IncomingMessage } from 'node:http'
import { fieldOf } from '../../base/header-fields.ts'
import { tooLarge } from '../core/upload-errors.ts'
import { inconsistentLength } from './ietf-problem.ts'
import type { Interop } from './interop.ts'
import { parseBoolean, parseInteger } from './structured-fields.ts'

/** A header's value without surrounding white space; undefined if it is absent or empty. */
export function field({ headers }: IncomingMessage, name: string): string | undefined {
  return fieldOf(headers, name)
}

/** Whether the request's body is the end of the upload, according to its header; undefined without the header. */
export function completenessOf(request: IncomingMessage, { completeness }: Interop): boolean | undefined {
  const value = parseBoolean(field(request, completeness.toLowerCase()))
  return completeness === 'Upload-Incomplete' && value !== undefined ? !value : value
}

/** Size of the body in bytes; undefined if it is not declared. Without length and transfer coding there is no body (RFC 9112 §6.3). */
export function bodyLengthOf(request: IncomingMessage): number | undefined {
  if (request.headers['transfer-encoding'] !== undefined) return undefined
  return Number(request.headers['content-length'] ?? 0)
}

/**
 * The length of the whole upload, if the request declares it: "1. If the request includes the Upload-Complete field value set to true and a
 * valid Content-Length header field [...]. 2. The request can include the Upload-Length header field".
 * @param from the offset of the body's first byte.
 * @param known the length that earlier requests declared.
 * @throws IetfProblem 400 if the lengths differ ("their indicated lengths MUST match"), ApiError 413 if the length exceeds `maxSize`.
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
    throw inconsistentLength(
      `The request declares different lengths: ${[...new Set(lengths)].join(' and ')} bytes.`,
    )
  if (length !== undefined && length < from)
    throw inconsistentLength(`The upload has ${from} bytes already, more than the length of ${length}.`)
  if ((length ?? from) > maxSize) throw tooLarge(maxSize)
  return length
}
