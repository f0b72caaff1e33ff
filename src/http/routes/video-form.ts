import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../../base/errors.ts'
import type { UploadMetadata } from '../../uploads/core/metadata.ts'
import { asRefusal, formParts, unexpected } from '../form-parts.ts'

const LABELS = ['title', 'description', 'language', 'tags']
/** Forms of web pages can have further fields, such as the button. They are ignored. */
export const MAX_FORM_FIELDS = 100
/** Maximum size of the fields and boundaries of a form. The rest of the body is the file. */
export const MAX_FORM_OVERHEAD_BYTES = 512 * 1024

/**
 * Reads a form that uploads a video.
 * @param receive stores the file. @param remove removes it again if a later part of the form is invalid.
 * @throws ApiError 400 that names the field, 413.
 */
export async function readVideoForm<T>(
  request: FastifyRequest,
  receive: (file: Readable) => Promise<T>,
  remove: (received: T) => Promise<void>,
): Promise<{ received: T; metadata: UploadMetadata }> {
  const metadata: UploadMetadata = {}
  let file: { received: T } | undefined
  try {
    for await (const part of formParts(request, { repeatable: ['tags'] })) {
      if (part.type === 'field') {
        addLabel(metadata, part.fieldname, String(part.value))
        continue
      }
      if (part.fieldname !== 'video') throw unexpected(part.fieldname)
      metadata['filename'] = part.filename || null
      metadata['filetype'] = part.mimetype || null
      file = { received: await receive(part.file) }
      if (part.file.truncated)
        throw new ApiError(413, 'too_large', 'The file is larger than the server accepts.', 'video')
    }
    if (!file) throw new ApiError(400, 'invalid_request', 'The field "video" must contain a file.', 'video')
    return { received: file.received, metadata }
  } catch (error) {
    if (file) await remove(file.received)
    // Discard the rest of the body. Unread, it would block the connection until the client closes it.
    request.raw.resume()
    throw asRefusal(error)
  }
}

/** Adds the value of a field; values of a repeated field are joined. @throws ApiError 400 if the field `video` is not a file. */
function addLabel(metadata: UploadMetadata, field: string, value: string): void {
  if (field === 'video')
    throw new ApiError(400, 'invalid_request', 'video must be a file. Its part needs a filename.', 'video')
  if (!LABELS.includes(field)) return
  const before = metadata[field]
  metadata[field] = before ? `${before},${value}` : value
}
