import { ApiError } from './errors.ts'

/** Language tags in the form of BCP 47 §2.1, without its rarer parts. For `RegExp` and JSON Schema. */
export const LANGUAGE_TAG = '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$'

/** All control characters except line breaks and tabs. PostgreSQL rejects NUL. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
const LONE_SURROGATE = /[\uD800-\uDFFF]/gu
/** Decoders replace bytes that are not UTF-8 by this character. */
const REPLACEMENT = /\uFFFD/g

/** Removes the characters that `validateText` rejects. */
export function cleanText(text: string): string {
  return text.replaceAll(CONTROL, '').replaceAll(LONE_SURROGATE, '').replaceAll(REPLACEMENT, '')
}

/** Checks a text of a request that the client can correct. @param max characters. @throws ApiError 400 that names the field. */
export function validateText(field: string, value: string, max: number): void {
  if (value.search(CONTROL) >= 0) refuse(field, 'has control characters')
  if (value.search(LONE_SURROGATE) >= 0 || value.search(REPLACEMENT) >= 0) refuse(field, 'is not valid UTF-8')
  if (value.length > max) refuse(field, `is longer than ${max} characters`)
}

function refuse(field: string, problem: string): never {
  throw new ApiError(400, 'invalid_metadata', `${field} ${problem}.`, field)
}
