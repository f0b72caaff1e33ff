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
/** Of keys and values together: HEAD repeats them in a header. */
const MAX_BYTES = 4096
/** Labels that Longtake uses, in the order in which they are kept if there is no room for all. */
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
  const text = cleanText(value)
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
  const valid = all.filter(tag => tag.length <= MAX_TAG_LENGTH).slice(0, MAX_TAGS)
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
