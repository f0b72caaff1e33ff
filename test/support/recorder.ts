import type { components } from '../../src/page/api/api-types.d.ts'
import { openRequest, type RawAnswer, rawRequest } from './raw-request.ts'

/** A recording as the API shows it; `code` and `field` are those of a problem. */
export type RecordingView = components['schemas']['Recording'] & {
  readonly code?: string
  readonly field?: string
}

export interface RecorderAnswer {
  readonly status: number
  readonly headers: RawAnswer['headers']
  readonly body: RecordingView
}

/** A recorder's requests, one at a time, for tests that look at every answer. */
export class Recorder {
  readonly #origin: () => string

  constructor(origin: () => string) {
    this.#origin = origin
  }

  /** @returns the new recording's id. @throws Error where there is none. */
  async create(said: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { status, body } = await this.send('POST', '/recordings', said)
    if (status !== 201) throw new Error(`POST /recordings: ${status} ${JSON.stringify(body)}`)
    return body.id
  }

  put(
    id: string,
    number: number | string,
    bytes: Uint8Array | string,
    headers: Record<string, string> = {},
  ): Promise<RecorderAnswer> {
    return this.#send('PUT', `/recordings/${id}/chunks/${number}`, bytes, {
      'content-type': 'application/octet-stream',
      ...headers,
    })
  }

  /** A chunk whose body the caller writes. */
  openPut(id: string, number: number, headers: Record<string, string | number> = {}) {
    return openRequest(this.#origin(), `/recordings/${id}/chunks/${number}`, { method: 'PUT', headers })
  }

  finalize(id: string, said?: object): Promise<RecorderAnswer> {
    return this.send('POST', `/recordings/${id}/finalize`, said)
  }

  /** @throws Error where there is no such recording. */
  async state(id: string): Promise<RecordingView> {
    const { status, body } = await this.send('GET', `/recordings/${id}`)
    if (status !== 200) throw new Error(`GET /recordings/${id}: ${status} ${JSON.stringify(body)}`)
    return body
  }

  async form(path: string, fields: Readonly<Record<string, string | Uint8Array>>): Promise<RecorderAnswer> {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields))
      typeof value === 'string' ? form.append(name, value) : form.append(name, new Blob([value as never]))
    const answer = await fetch(`${this.#origin()}${path}`, { method: 'POST', body: form })
    return { status: answer.status, headers: {}, body: (await answer.json()) as RecordingView }
  }

  send(method: string, path: string, body?: object): Promise<RecorderAnswer> {
    const json = body && { 'content-type': 'application/json' }
    return this.#send(method, path, body && JSON.stringify(body), json)
  }

  async #send(
    method: string,
    path: string,
    body: Uint8Array | string | undefined,
    headers: Record<string, string> = {},
  ): Promise<RecorderAnswer> {
    const size = body !== undefined && { 'content-length': Buffer.byteLength(body) }
    const answer = await rawRequest(this.#origin(), path, {
      method,
      headers: { ...size, ...headers },
      ...(body !== undefined && { body }),
    })
    return {
      status: answer.status,
      headers: answer.headers,
      body: answer.text ? JSON.parse(answer.text) : ({} as RecordingView),
    }
  }
}

/** Cut into pieces as a recorder makes them: of sizes that are never the same. */
export function cut(bytes: Buffer, pieces: number): Buffer[] {
  const ends = Array.from({ length: pieces + 1 }, (_, index) =>
    Math.round((bytes.length * index ** 1.3) / pieces ** 1.3),
  )
  return ends.slice(1).map((end, index) => bytes.subarray(ends[index], end))
}
