import type { IncomingMessage } from 'node:http'
import { fieldOf } from '../../base/header-fields.ts'
import { tooLarge } from '../core/upload-errors.ts'
import { inconsistentLength } from './ietf-problem.ts'
import type { Interop } from './interop.ts'
import { parseBoolean, parseInteger } from './structured-fields.ts'

/** A header without the white space around it; undefined if it is absent or empty. */
export function field({ headers }: IncomingMessage, name: string): string | undefined {
  return fieldOf(headers, name)
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
 * @throws IetfProblem 400 where the two do not agree ("their indicated lengths MUST match"), ApiError 413 beyond `maxSize`.
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
    throw inconsistentLength(`The upload cannot have ${[...new Set(lengths)].join(' and ')} bytes at once.`)
  if (length !== undefined && length < from)
    throw inconsistentLength(`The upload has ${from} bytes already: it cannot have ${length} in all.`)
  if ((length ?? from) > maxSize) throw tooLarge(maxSize)
  return length
}
