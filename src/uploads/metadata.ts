import { ApiError } from '../errors.ts'
import { MAX_TAG, MAX_TAGS, tagsOf } from '../videos/tags.ts'

export type UploadMetadata = Record<string, string | null>

const MAX_KEYS = 50
const MAX_BYTES = 4096
const LIMITS: Readonly<Record<string, number>> = {
  filename: 255,
  filetype: 255,
  title: 500,
  description: 10_000,
}

/** Language tags in the form of BCP 47 §2.1, without its rarer parts. */
export const LANGUAGE_TAG = '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$'
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;.*)?$/
// Line breaks and tabs are text; the other control characters are not, and PostgreSQL refuses NUL.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const LONE_SURROGATE = /[\uD800-\uDFFF]/u

/**
 * Checks what a client says of its upload, before a byte is taken. Keys that Longtake does not know are kept as they are.
 * @param options.maxBytes of keys and values together; by default what a header can carry.
 * @throws ApiError 400 that names the key.
 */
export function validateMetadata(metadata: UploadMetadata, { maxBytes = MAX_BYTES } = {}): void {
  const entries = Object.entries(metadata)
  if (entries.length > MAX_KEYS) refuse('Upload-Metadata', `has more than ${MAX_KEYS} keys`)
  const size = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value ?? ''),
    0,
  )
  if (size > maxBytes) refuse('Upload-Metadata', `is larger than ${maxBytes} bytes`)
  for (const [key, value] of entries) {
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) refuse('Upload-Metadata', 'has a key that is not plain ASCII')
    if (value !== null) validateText(key, value, LIMITS[key] ?? MAX_BYTES)
  }
  if (metadata.filetype && !MEDIA_TYPE.test(metadata.filetype))
    refuse('filetype', 'is not a media type such as video/mp4')
  if (metadata.language && !new RegExp(LANGUAGE_TAG).test(metadata.language))
    refuse('language', 'is not a language tag such as en or pt-BR')
  const tags = tagsOf(metadata.tags?.split(',') ?? [])
  if (tags.length > MAX_TAGS) refuse('tags', `has more than ${MAX_TAGS}`)
  if (tags.some(tag => tag.length > MAX_TAG))
    refuse('tags', `has one that is longer than ${MAX_TAG} characters`)
}

/** @param max characters. @throws ApiError 400 that names the field. */
export function validateText(field: string, value: string, max: number): void {
  if (CONTROL.test(value)) refuse(field, 'has control characters')
  if (LONE_SURROGATE.test(value) || value.includes('\uFFFD')) refuse(field, 'is not valid UTF-8')
  if (value.length > max) refuse(field, `is longer than ${max} characters`)
}

function refuse(field: string, problem: string): never {
  throw new ApiError(400, 'invalid_metadata', `${field} ${problem}.`, field)
}
