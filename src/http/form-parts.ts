import type { IncomingMessage } from 'node:http'
import type { Multipart } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'

/** Errors of the form parser about its limits, except the size of a file. */
const TOO_MANY = /^FST_(PARTS|FILES|FIELDS)_LIMIT$/
/** Messages of the parser about malformed forms. These errors have no codes. */
const MALFORMED = /^Multipart: |unexpected end of multipart data$|^Part terminated early|^The needle /i

/**
 * Yields the parts of a form as they arrive, each with a name. Only `repeatable` fields may occur more than once.
 * @throws ApiError 400, and errors of the parser, which `asRefusal` translates.
 */
export async function* formParts(
  request: Pick<FastifyRequest, 'parts' | 'raw'>,
  { repeatable = [] }: { readonly repeatable?: readonly string[] } = {},
): AsyncGenerator<Multipart> {
  const seen = new Set<string>()
  requireConnection(request.raw)
  for await (const part of request.parts()) {
    // RFC 7578 §4.2 and the parser's types require a name, but some clients omit it.
    const name = part.fieldname as string | undefined
    if (!name) throw invalid('A part of the form has no name. Its Content-Disposition must contain name="…".')
    if (part.type === 'field') {
      if (seen.has(name) && !repeatable.includes(name)) throw invalid(`${name} occurs twice.`, name)
      if (typeof part.value !== 'string') throw invalid(`${name} must be plain text.`, name)
    }
    seen.add(name)
    yield part
  }
}

/** Checks that a body is not closed, because the parser would wait for its end forever. @throws ApiError 400 */
export function requireConnection(body: Pick<IncomingMessage, 'destroyed' | 'readableEnded'>): void {
  if (body.destroyed && !body.readableEnded)
    throw invalid('The body is not complete, because its connection was closed.')
}

/** Translates an error of the parser to a 400, also while a file is read. Returns other errors unchanged. */
export function asRefusal(error: unknown): unknown {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  if (TOO_MANY.test(code)) return invalid('The form has too many parts.')
  if (code === 'FST_PROTO_VIOLATION') return invalid('The form has a field with a reserved name.')
  if (code === 'FST_INVALID_JSON_FIELD_ERROR')
    return invalid('A field of the form is declared as JSON, but is not JSON.')
  if (MALFORMED.test(message)) return invalid(`The body is not complete multipart/form-data: ${message}.`)
  return error
}

/** The error for a part whose field is unknown. */
export function unexpected(field: string): ApiError {
  return invalid(`There is no field "${field.slice(0, 100)}" here.`, field.slice(0, 100))
}

function invalid(message: string, field?: string): ApiError {
  return new ApiError(400, 'invalid_request', message, field)
}
