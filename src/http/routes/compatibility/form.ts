import type { FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { mediaTypeOf } from '../../../base/header-fields.ts'
import { asRefusal, requireConnection } from '../../form-parts.ts'
import { type Form, MAX_FIELDS, MAX_TEXT_CHARACTERS, type OnFile } from './form-file.ts'
import { readJson } from './json-form.ts'

const MAX_URLENCODED_BYTES = 8 * 1024 * 1024

/**
 * Reads a request body of the old clients: JSON with files as base64, a multipart form, or a URL-encoded form. The result includes unknown
 * fields, which callers ignore as the old applications did.
 * @param files names of the fields that are files. @param maxBytes limit of a file.
 * @throws ApiError 400, 413, 415
 */
export async function readForm(
  request: FastifyRequest,
  { files = [], maxBytes = 0 }: { files?: readonly string[]; maxBytes?: number } = {},
  onFile: OnFile = async () => {},
): Promise<Form> {
  const type = mediaTypeOf(request.headers['content-type'])?.essence ?? ''
  if (isEmpty(request)) return {}
  const limited: OnFile = (name, file) => onFile(name, { ...file, bytes: limit(name, file.bytes, maxBytes) })
  try {
    requireConnection(request.raw)
    if (type === 'multipart/form-data') return await readMultipart(request, files, maxBytes, limited)
    if (type === 'application/x-www-form-urlencoded') return await readUrlencoded(request)
    if (type === 'application/json' || type === '') return await readJson(request.raw, files, limited)
  } catch (error) {
    // Discard the rest of the body. Unread, it would block the connection until the client closes it.
    request.raw.resume()
    throw asRefusal(error)
  }
  throw new ApiError(
    415,
    'unsupported_media_type',
    'Send application/json, multipart/form-data or application/x-www-form-urlencoded.',
    'content-type',
  )
}

/** RFC 9112 §6.3: a request with neither of these fields has no body. */
function isEmpty({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0'
}

async function* limit(name: string, bytes: AsyncIterable<Buffer>, max: number): AsyncGenerator<Buffer> {
  let received = 0
  for await (const chunk of bytes) {
    received += chunk.length
    if (received > max) throw new ApiError(413, 'too_large', `${name} may have at most ${max} bytes.`, name)
    yield chunk
  }
}

async function readMultipart(
  request: FastifyRequest,
  files: readonly string[],
  maxBytes: number,
  onFile: OnFile,
): Promise<Form> {
  const form: Form = {}
  // One byte above the limit, so that `limit` can detect a larger file.
  const limits = { fileSize: maxBytes + 1, files: 1, fields: MAX_FIELDS, fieldSize: 4 * MAX_TEXT_CHARACTERS }
  for await (const part of request.parts({ limits })) {
    if (part.type === 'file') {
      if (!files.includes(part.fieldname)) {
        part.file.resume()
        continue
      }
      const { fieldname, filename, mimetype, file } = part
      await onFile(fieldname, { filename: filename || undefined, mediaType: mimetype, bytes: file, form })
    } else if (!files.includes(part.fieldname)) form[part.fieldname] = String(part.value)
    else if (part.value !== '')
      throw new ApiError(400, 'invalid_request', `${part.fieldname} must be a file.`, part.fieldname)
  }
  return form
}

async function readUrlencoded({ raw }: FastifyRequest): Promise<Form> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of raw) {
    size += chunk.length
    if (size > MAX_URLENCODED_BYTES)
      throw new ApiError(413, 'too_large', `A form may have at most ${MAX_URLENCODED_BYTES} bytes.`)
    chunks.push(chunk)
  }
  const fields = [...new URLSearchParams(Buffer.concat(chunks).toString())].slice(0, MAX_FIELDS)
  return Object.fromEntries(fields)
}
