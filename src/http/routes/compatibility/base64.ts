import { ApiError } from '../../../errors.ts'

/** A data: URL's type and encoding may take this many characters before its data. */
const MAX_PREFIX_CHARACTERS = 1024
const FOREIGN = /[^A-Za-z0-9+/_-]/

/**
 * Decodes base64 that arrives in pieces of any length (RFC 4648 §4 and §5). Line breaks and spaces are skipped, and so is the beginning of
 * a data: URL (RFC 2397), because browsers' `FileReader` makes those.
 */
export class Base64Decoder {
  readonly #field: string
  #rest = ''
  #inPrefix: boolean | undefined
  #ended = false
  /** The media type that a data: URL names. */
  mediaType: string | undefined

  /** @param field the name for error messages. */
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
      throw this.#refusal('has characters that are not base64')
    if (end >= 0) {
      this.#ended = true
      this.#rest = ''
      return this.#decode(data)
    }
    const whole = data.length - (data.length % 4)
    this.#rest = data.slice(whole)
    return this.#decode(data.slice(0, whole))
  }

  /** The last bytes. @throws ApiError 400 if characters are missing. */
  end(): Buffer {
    if (this.#inPrefix) throw this.#refusal('is a data: URL without base64 data')
    return this.#inPrefix === undefined ? Buffer.alloc(0) : this.#decode(this.#rest)
  }

  #decode(data: string): Buffer {
    // One character holds six bits, which are no byte.
    if (data.length % 4 === 1) throw this.#refusal('ends in the middle of its base64')
    return Buffer.from(data, 'base64')
  }

  #skipPrefix(): void {
    if (this.#inPrefix === undefined) {
      this.#rest = this.#rest.trimStart()
      if (this.#rest.length < 'data:'.length && 'data:'.startsWith(this.#rest)) return
      this.#inPrefix = this.#rest.startsWith('data:')
    }
    if (!this.#inPrefix) return
    const comma = this.#rest.indexOf(',')
    if (comma < 0 ? this.#rest.length > MAX_PREFIX_CHARACTERS : !/;base64$/i.test(this.#rest.slice(0, comma)))
      throw this.#refusal('is a data: URL without base64 data')
    if (comma < 0) return
    this.mediaType = this.#rest.slice('data:'.length, comma - ';base64'.length) || undefined
    this.#rest = this.#rest.slice(comma + 1)
    this.#inPrefix = false
  }

  #refusal(problem: string): ApiError {
    return new ApiError(400, 'invalid_request', `${this.#field} ${problem}.`, this.#field)
  }
}
