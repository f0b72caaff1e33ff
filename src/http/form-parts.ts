import type { Multipart } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'

/** The parser's own limits. None of them is about the size of a file. */
const TOO_MANY = /^FST_(PARTS|FILES|FIELDS)_LIMIT$/
/** The parser has no codes for these errors: it only says in words that a form is malformed. */
const MALFORMED = /^Multipart: |unexpected end of multipart data$|^Part terminated early|^The needle /i

/**
 * The parts of a form as they arrive, each with a name. A field may come once; `repeatable` fields may come again.
 * @throws ApiError 400, and errors of the parser: see `asRefusal`.
 */
export async function* formParts(
  request: FastifyRequest,
  { repeatable = [] }: { readonly repeatable?: readonly string[] } = {},
): AsyncGenerator<Multipart> {
  const seen = new Set<string>()
  for await (const part of request.parts()) {
    // The types of the parser promise a name. RFC 7578 §4.2 demands one, and some clients leave it out.
    const name = part.fieldname as string | undefined
    if (!name) throw invalid('A part of the form has no name: its Content-Disposition needs name="…".')
    if (part.type === 'field') {
      if (seen.has(name) && !repeatable.includes(name)) throw invalid(`${name} comes twice.`, name)
      if (typeof part.value !== 'string') throw invalid(`${name} must be plain text.`, name)
    }
    seen.add(name)
    yield part
  }
}

/** An error of the parser, also one that came while a file was read, becomes a 400; every other error stays what it is. */
export function asRefusal(error: unknown): unknown {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  if (TOO_MANY.test(code)) return invalid('The form has more parts than there are fields.')
  if (code === 'FST_PROTO_VIOLATION') return invalid('The form has a field with a reserved name.')
  if (code === 'FST_INVALID_JSON_FIELD_ERROR')
    return invalid('A field of the form is declared as JSON, and is not.')
  if (MALFORMED.test(message)) return invalid(`The body is no complete multipart/form-data: ${message}.`)
  return error
}

/** For a part that the form has no field for. */
export function unexpected(field: string): ApiError {
  return invalid(`There is no field "${field.slice(0, 100)}" here.`, field.slice(0, 100))
}

function invalid(message: string, field?: string): ApiError {
  return new ApiError(400, 'invalid_request', message, field)
}
