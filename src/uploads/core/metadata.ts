import { ApiError } from '../../base/errors.ts'
import { mediaTypeOf } from '../../base/header-fields.ts'
import { MAX_TAG, MAX_TAGS, tagsOf } from '../../videos/catalogue/tags.ts'

export type UploadMetadata = Record<string, string | null>

const MAX_KEYS = 50
/** Of keys and values together: HEAD repeats them in a header. */
const MAX_BYTES = 4096
/** Labels that Longtake uses, in the order in which they are kept if there is no room for all. */
const KNOWN = ['title', 'filename', 'language', 'tags', 'filetype', 'description']
const MAX_CHARACTERS = new Map([
  ['title', 500],
  ['filename', 255],
  ['language', 35],
  ['filetype', 255],
  ['description', 10_000],
])

/** Language tags in the form of BCP 47 §2.1, without its rarer parts. */
export const LANGUAGE_TAG = '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$'
const KEY = /^[\x21-\x7e]{1,255}$/
// Line breaks and tabs are text; the other control characters are not, and PostgreSQL refuses NUL.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
const LONE_SURROGATE = /[\uD800-\uDFFF]/gu
/** Stands in text for bytes that were no UTF-8. */
const REPLACEMENT = /\uFFFD/g
const EXTENSION = /(?<=.)\.[^./\\]{1,10}$/

/**
 * What is valid of the labels that came with an upload. Characters that cannot be stored are removed, a text that is too long is cut, and a
 * label that is not of its form (`language: de_DE`, `filetype: mp4`) is left out: none of them makes an upload impossible. Unknown keys are
 * kept as they are. A request that only changes labels is refused instead: see `validateText`.
 * @param options.maxBytes of keys and values together; by default what a header can carry.
 */
export function validLabels(metadata: UploadMetadata, { maxBytes = MAX_BYTES } = {}): UploadMetadata {
  const kept = new Map<string, string | null>()
  let room = maxBytes
  const entries = Object.entries(metadata)
  for (const [key, value] of entries.toSorted(([a], [b]) => rank(a) - rank(b))) {
    if (kept.size === MAX_KEYS || !KEY.test(key)) continue
    const valid = value === null ? null : validLabel(key, value, room - key.length)
    const bytes = key.length + Buffer.byteLength(valid ?? '')
    if (valid === undefined || bytes > room) continue
    room -= bytes
    kept.set(key, valid)
  }
  return Object.fromEntries(entries.flatMap(([key]) => (kept.has(key) ? [[key, kept.get(key)!]] : [])))
}

function rank(key: string): number {
  return KNOWN.includes(key) ? KNOWN.indexOf(key) : KNOWN.length
}

/** @param room bytes. @returns undefined if the label is to be left out. */
function validLabel(key: string, value: string, room: number): string | undefined {
  const text = value.replaceAll(CONTROL, '').replaceAll(LONE_SURROGATE, '').replaceAll(REPLACEMENT, '')
  const max = MAX_CHARACTERS.get(key) ?? MAX_BYTES
  if (key === 'tags') return validTags(text)
  if (key === 'language' && text !== '' && !new RegExp(LANGUAGE_TAG).test(text)) return undefined
  if (key === 'filetype' && text !== '' && !mediaTypeOf(text)) return undefined
  if (key === 'filename' && text.length > max) {
    const [extension = ''] = EXTENSION.exec(text) ?? []
    return cut(text, max - extension.length) + extension
  }
  if (key === 'title') return cut(text, max)
  if (key === 'description') return cutBytes(cut(text, max), room)
  return text.length > max ? undefined : text
}

function validTags(text: string): string {
  const all = tagsOf(text.split(','))
  const valid = all.filter(tag => tag.length <= MAX_TAG).slice(0, MAX_TAGS)
  return valid.length === all.length ? text : valid.join(',')
}

/** The first `max` characters; not half of one that is a pair. */
function cut(text: string, max: number): string {
  return text.length > max ? text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '') : text
}

/** As much of a text as has room. The last character can be cut in two, and is left out then. */
function cutBytes(text: string, room: number): string {
  return Buffer.from(text)
    .subarray(0, Math.max(0, room))
    .toString()
    .replace(/\uFFFD+$/, '')
}

/** Checks a text of a request that can be corrected and sent again. @param max characters. @throws ApiError 400 that names the field. */
export function validateText(field: string, value: string, max: number): void {
  if (value.search(CONTROL) >= 0) refuse(field, 'has control characters')
  if (value.search(LONE_SURROGATE) >= 0 || value.search(REPLACEMENT) >= 0) refuse(field, 'is not valid UTF-8')
  if (value.length > max) refuse(field, `is longer than ${max} characters`)
}

function refuse(field: string, problem: string): never {
  throw new ApiError(400, 'invalid_metadata', `${field} ${problem}.`, field)
}
