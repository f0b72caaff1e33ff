import type { ClientRequest, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { openRequest, type RawAnswer } from './raw-request.ts'

export const NEWEST = 8
export const PARTIAL = 'application/partial-upload'

export interface Information {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

export interface DraftAnswer extends RawAnswer {
  /** Informational answers that came before, in order; it grows while the request is open. */
  readonly informed: readonly Information[]
}

export interface OpenDraftRequest {
  readonly outgoing: ClientRequest
  readonly answer: Promise<DraftAnswer>
  readonly informed: readonly Information[]
}

/**
 * draft-ietf-httpbis-resumable-upload as it goes over the wire, one request at a time, in the words of one interop version; null sends
 * none.
 */
export class DraftWire {
  readonly #origin: string
  readonly #version: number | string | null

  constructor(origin: string, version: number | string | null = NEWEST) {
    this.#origin = origin
    this.#version = version
  }

  /** A request whose body the caller writes. A header that is undefined is left out. */
  open(method: string, path: string, headers: OutgoingHttpHeaders = {}): OpenDraftRequest {
    const all = {
      'upload-draft-interop-version': this.#version ?? undefined,
      // As a client that wants to go on: to one that closes its connection the service sends no 104.
      connection: 'keep-alive',
      ...headers,
    }
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    const { outgoing, answer } = openRequest(this.#origin, path, { method, headers: given })
    const informed: Information[] = []
    outgoing.on('information', ({ statusCode, headers }) => informed.push({ status: statusCode, headers }))
    const full = answer.then(got => ({ ...got, informed }))
    full.catch(() => {})
    return { outgoing, answer: full, informed }
  }

  send(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: string | Uint8Array,
  ): Promise<DraftAnswer> {
    const { outgoing, answer } = this.open(method, path, headers)
    outgoing.end(body)
    return answer
  }

  /** A creation that is refused or not, as it comes. */
  post(
    complete: boolean,
    body: string | Uint8Array = '',
    headers: OutgoingHttpHeaders = {},
  ): Promise<DraftAnswer> {
    return this.send('POST', '/uploads', { ...this.#completeness(complete), ...headers }, body)
  }

  /** A new upload that is not complete. @returns its path. @throws Error where there is none. */
  async create(body: string | Uint8Array = '', headers: OutgoingHttpHeaders = {}): Promise<string> {
    const answer = await this.post(false, body, headers)
    if (answer.status !== 201) throw new Error(`POST /uploads: ${answer.status} ${answer.text}`)
    return answer.headers.location!
  }

  append(
    path: string,
    offset: number | string,
    complete: boolean,
    body: string | Uint8Array = '',
    headers: OutgoingHttpHeaders = {},
  ): Promise<DraftAnswer> {
    return this.send('PATCH', path, { ...this.appendHeaders(offset, complete), ...headers }, body)
  }

  appendHeaders(offset: number | string, complete: boolean): OutgoingHttpHeaders {
    const type = Number(this.#version ?? NEWEST) < 6 ? undefined : PARTIAL
    return { 'upload-offset': offset, 'content-type': type, ...this.#completeness(complete) }
  }

  head(path: string): Promise<DraftAnswer> {
    return this.send('HEAD', path)
  }

  /** What HEAD names. @throws Error where it names none. */
  async offset(path: string): Promise<number> {
    const { status, headers } = await this.head(path)
    if (status !== 204) throw new Error(`HEAD ${path}: ${status}`)
    return Number(headers['upload-offset'])
  }

  /** Whether an answer says that the upload is complete; undefined where it does not say. */
  isComplete({ headers }: DraftAnswer): boolean | undefined {
    const old = Number(this.#version) === 3
    const value = headers[old ? 'upload-incomplete' : 'upload-complete']
    if (value !== '?0' && value !== '?1') return undefined
    return old ? value === '?0' : value === '?1'
  }

  #completeness(complete: boolean): OutgoingHttpHeaders {
    if (Number(this.#version) === 3) return { 'upload-incomplete': complete ? '?0' : '?1' }
    return { 'upload-complete': complete ? '?1' : '?0' }
  }
}
