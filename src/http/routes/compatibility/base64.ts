import { ApiError } from '../../../base/errors.ts'

/** Maximum length of the part of a data: URL before its data: the scheme, the type and the encoding. */
const MAX_PREFIX_CHARACTERS = 1024
const SCHEME = 'data:'
/** The type may contain commas: a browser's recording is `video/webm;codecs=vp8,opus`. */
const PREFIX = /^data:([\s\S]*?)\s*;\s*base64\s*,/i
const FOREIGN = /[^A-Za-z0-9+/_-]/

/**
 * Decodes base64 that arrives in parts of any length (RFC 4648 §4 and §5). Skips line breaks, spaces and the prefix of a data: URL (RFC 2397),
 * which the `FileReader` of browsers produces.
 */
export class Base64Decoder {
  readonly #field: string
  #rest = ''
  #inPrefix: boolean | undefined
  #ended = false
  /** The media type of a data: URL. */
  mediaType: string | undefined

  /** @param field name of the field, for error messages. */
  constructor(field: string) {
    this.#field = field
  }

  /** @throws ApiError 400 */
  push(text: string): Buffer {
    this.#rest += text
    this.#skipPrefix()
    if (this.#inPrefix !== false) return Buffer.alloc(0)
    const clean = this.#rest.replace(/[\s=]+/g, found => (found.includes('=') ? '=' : ''))
    const end = clean.indexOf('=')
    const data = end < 0 ? clean : clean.slice(0, end)
    if (FOREIGN.test(data) || (this.#ended && data !== '') || (end >= 0 && /[^=]/.test(clean.slice(end))))
      throw this.#error('contains characters that are not base64')
    if (end >= 0) {
      this.#ended = true
      this.#rest = ''
      return this.#decode(data)
    }
    const whole = data.length - (data.length % 4)
    this.#rest = data.slice(whole)
    return this.#decode(data.slice(0, whole))
  }

  /** @returns the last bytes. @throws ApiError 400 if characters are missing. */
  end(): Buffer {
    if (this.#inPrefix) throw this.#error('is a data: URL without base64 data')
    return this.#inPrefix === undefined ? Buffer.alloc(0) : this.#decode(this.#rest)
  }

  #decode(data: string): Buffer {
    // A single last character has only six bits.
    if (data.length % 4 === 1) throw this.#error('contains incomplete base64')
    return Buffer.from(data, 'base64')
  }

  #skipPrefix(): void {
    if (this.#inPrefix === undefined) {
      this.#rest = this.#rest.trimStart()
      const start = this.#rest.slice(0, SCHEME.length).toLowerCase()
      if (start.length < SCHEME.length && SCHEME.startsWith(start)) return
      this.#inPrefix = start === SCHEME
    }
    if (!this.#inPrefix) return
    const [prefix, mediaType] = PREFIX.exec(this.#rest.slice(0, MAX_PREFIX_CHARACTERS)) ?? []
    if (prefix === undefined) {
      if (this.#rest.length > MAX_PREFIX_CHARACTERS) throw this.#error('is a data: URL without base64 data')
      return
    }
    this.mediaType = mediaType || undefined
    this.#rest = this.#rest.slice(prefix.length)
    this.#inPrefix = false
  }

  #error(problem: string): ApiError {
    return new ApiError(400, 'invalid_request', `${this.#field} ${problem}.`, this.#field)
  }
}
