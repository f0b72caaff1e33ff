import { mediaTypeOf } from '../../base/header-fields.ts'
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_FILENAME_LENGTH,
  MAX_LANGUAGE_LENGTH,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  MAX_TITLE_LENGTH,
} from '../../base/limits.ts'
import { cleanText, LANGUAGE_TAG } from '../../base/texts.ts'
import { tagsOf } from '../../videos/catalogue/tags.ts'

export type UploadMetadata = Record<string, string | null>

const MAX_KEYS = 50
/** Limit for all keys and values together, because HEAD repeats them in a header. */
const MAX_METADATA_BYTES = 4096
/** Keys that Longtake uses, the most important first. If not all labels fit, these are kept before others. */
const KNOWN = ['title', 'filename', 'language', 'tags', 'filetype', 'description']
const MAX_CHARACTERS = new Map([
  ['title', MAX_TITLE_LENGTH],
  ['filename', MAX_FILENAME_LENGTH],
  ['language', MAX_LANGUAGE_LENGTH],
  ['filetype', 255],
  ['description', MAX_DESCRIPTION_LENGTH],
])

const KEY = /^[\x21-\x7e]{1,255}$/
const EXTENSION = /(?<=.)\.[^./\\]{1,10}$/

/**
 * Corrects the labels of an upload instead of rejecting the upload: removes characters that cannot be stored, truncates texts that are too
 * long, and leaves out labels with a wrong format (`language: de_DE`, `filetype: mp4`). Keeps unknown keys. A request that only changes
 * labels is rejected instead: see `validateText`.
 * @param options.maxBytes limit for all keys and values together; by default the size that fits in a header.
 */
export function validLabels(
  metadata: UploadMetadata,
  { maxBytes = MAX_METADATA_BYTES } = {},
): UploadMetadata {
  const kept = new Map<string, string | null>()
  let left = maxBytes
  const entries = Object.entries(metadata)
  for (const [key, value] of entries.toSorted(([a], [b]) => rank(a) - rank(b))) {
    if (kept.size === MAX_KEYS || !KEY.test(key)) continue
    const valid = value === null ? null : validLabel(key, value, left - key.length)
    const bytes = key.length + Buffer.byteLength(valid ?? '')
    if (valid === undefined || bytes > left) continue
    left -= bytes
    kept.set(key, valid)
  }
  return Object.fromEntries(entries.flatMap(([key]) => (kept.has(key) ? [[key, kept.get(key)!]] : [])))
}

function rank(key: string): number {
  return KNOWN.includes(key) ? KNOWN.indexOf(key) : KNOWN.length
}

/** @param maxBytes bytes that the label may have. @returns undefined if the label must be left out. */
function validLabel(key: string, value: string, maxBytes: number): string | undefined {
  const text = cleanText(value)
  const max = MAX_CHARACTERS.get(key) ?? MAX_METADATA_BYTES
  if (key === 'tags') return validTags(text)
  if (key === 'language' && text !== '' && !new RegExp(LANGUAGE_TAG).test(text)) return undefined
  if (key === 'filetype' && text !== '' && !mediaTypeOf(text)) return undefined
  if (key === 'filename' && text.length > max) {
    const [extension = ''] = EXTENSION.exec(text) ?? []
    return truncate(text, max - extension.length) + extension
  }
  if (key === 'title') return truncate(text, max)
  if (key === 'description') return truncateBytes(truncate(text, max), maxBytes)
  return text.length > max ? undefined : text
}

function validTags(text: string): string {
  const all = tagsOf(text.split(','))
  const valid = all.filter(tag => tag.length <= MAX_TAG_LENGTH).slice(0, MAX_TAGS)
  return valid.length === all.length ? text : valid.join(',')
}

/** The first `max` characters, without half of a surrogate pair at the end. */
function truncate(text: string, max: number): string {
  return text.length > max ? text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '') : text
}

/** The first `maxBytes` bytes of a text, without a partial character at the end. */
function truncateBytes(text: string, maxBytes: number): string {
  return Buffer.from(text)
    .subarray(0, Math.max(0, maxBytes))
    .toString()
    .replace(/\uFFFD+$/, '')
}
