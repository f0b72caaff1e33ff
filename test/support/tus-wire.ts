import type { ClientRequest, OutgoingHttpHeaders } from 'node:http'
import { openRequest, type RawAnswer, rawRequest } from './raw-request.ts'

const VERSION = { 'tus-resumable': '1.0.0' }
export const OCTETS = 'application/offset+octet-stream'

/** tus 1.0.0 as it goes over the wire, one request at a time, for tests that look at every status and header. */
export class TusWire {
  readonly #origin: () => string

  constructor(origin: string | (() => string)) {
    this.#origin = typeof origin === 'string' ? () => origin : origin
  }

  /** One request with `Tus-Resumable: 1.0.0`, unless `headers` say otherwise; a header that is undefined is left out. */
  send(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: string | Uint8Array,
  ): Promise<RawAnswer> {
    return rawRequest(this.#origin(), path, {
      method,
      headers: given({ ...VERSION, ...headers }),
      ...(body !== undefined && { body }),
    })
  }

  /** A new upload. @returns its path. @throws Error where there is none. */
  async create(length: number | 'deferred', headers: OutgoingHttpHeaders = {}): Promise<string> {
    const size = length === 'deferred' ? { 'upload-defer-length': 1 } : { 'upload-length': length }
    const answer = await this.send('POST', '/uploads', { ...size, ...headers })
    if (answer.status !== 201) throw new Error(`POST /uploads: ${answer.status} ${answer.text}`)
    return answer.headers.location!
  }

  patch(
    path: string,
    offset: number | string,
    body: string | Uint8Array,
    headers: OutgoingHttpHeaders = {},
  ): Promise<RawAnswer> {
    return this.send('PATCH', path, { 'upload-offset': offset, 'content-type': OCTETS, ...headers }, body)
  }

  /** A PATCH whose body the caller writes; chunked, unless `headers` tell its length. */
  openPatch(
    path: string,
    offset: number,
    headers: OutgoingHttpHeaders = {},
  ): { outgoing: ClientRequest; answer: Promise<RawAnswer> } {
    const all = { ...VERSION, 'upload-offset': offset, 'content-type': OCTETS, ...headers }
    return openRequest(this.#origin(), path, { method: 'PATCH', headers: given(all) })
  }

  head(path: string): Promise<RawAnswer> {
    return this.send('HEAD', path)
  }

  /** What HEAD names. @throws Error where it names none. */
  async offset(path: string): Promise<number> {
    const { status, headers } = await this.head(path)
    const offset = headers['upload-offset']
    if (status !== 200 || offset === undefined) throw new Error(`HEAD ${path}: ${status}, offset ${offset}`)
    return Number(offset)
  }
}

function given(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
}
