import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'

const TUS = { 'Tus-Resumable': '1.0.0' }
const PIECE = Buffer.alloc(1024 * 1024, 'longtake')
const FIRST_PIECE_BYTES = 64 * 1024
/** How long a client that takes over waits where it is told to try again, in milliseconds. */
const PAUSE_MS = 10

export interface LoadOptions {
  readonly url: string
  /** 'put' sends what would be a PATCH as the PUT of a file of its own, for servers that know no uploads. */
  readonly protocol: 'tus' | 'put'
  readonly connections: number
}

interface Body {
  readonly size: number
  /** Awaited once the first bytes have gone out. */
  readonly pause?: () => Promise<unknown>
}

/**
 * A client that costs little: one buffer, sent again and again over connections that are kept. Every answer is checked.
 * All sizes are bytes.
 */
export class Load {
  readonly #options: LoadOptions
  readonly #agent: Agent
  /** The files that stand for the PATCHes of an upload. */
  readonly #files = new Map<string, Set<string>>()

  constructor(options: LoadOptions) {
    this.#options = options
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  }

  /** @returns the path of a new upload. */
  async create(length: number | undefined, headers: object = {}): Promise<string> {
    if (this.#options.protocol === 'put') {
      const path = `/uploads/${crypto.randomUUID()}`
      await this.#put(path, path, { size: 0 })
      return path
    }
    const given = { ...(length !== undefined && { 'Upload-Length': length }), ...headers }
    const answer = await this.#send('POST', '/uploads', given, { size: 0 })
    if (answer.statusCode !== 201) throw new Error(`POST was answered ${answer.statusCode}`)
    return new URL(answer.headers.location!, this.#options.url).pathname
  }

  /** Sends bytes of an upload in one PATCH. */
  async patch(path: string, offset: number, size: number, pause?: Body['pause']): Promise<void> {
    const body = { size, ...(pause && { pause }) }
    if (this.#options.protocol === 'put') return this.#put(path, offset ? `${path}.${offset}` : path, body)
    const answer = await this.#append(path, offset, body)
    if (answer.statusCode !== 204 || Number(answer.headers['upload-offset']) !== offset + size)
      throw new Error(`PATCH was answered ${answer.statusCode} at ${answer.headers['upload-offset']}`)
  }

  /** Sends all of an upload, in chunks. */
  async send(path: string, size: number, chunk = size): Promise<void> {
    for (let offset = 0; offset < size; offset += chunk)
      await this.patch(path, offset, Math.min(chunk, size - offset))
  }

  /** Sends uploads at once in the strict sense: none goes on before all have begun. */
  async sendTogether(paths: readonly string[], size: number): Promise<void> {
    const { promise: allBegun, resolve } = Promise.withResolvers<void>()
    let begun = 0
    const pause = () => {
      if (++begun === paths.length) resolve()
      return allBegun
    }
    await Promise.all(paths.map(path => this.patch(path, 0, size, pause)))
  }

  /** @throws Error where the server does not say that it has all of the upload. */
  async check(path: string, size: number): Promise<void> {
    let found = 0
    for (const file of this.#files.get(path) ?? [path]) {
      const { statusCode, headers } = await this.#send('HEAD', file, {}, { size: 0 })
      if (statusCode !== 200) throw new Error(`HEAD was answered ${statusCode}`)
      found += Number(headers[this.#options.protocol === 'put' ? 'content-length' : 'upload-offset'])
    }
    if (found !== size) throw new Error(`The server has ${found} bytes of ${size}`)
  }

  /** The protocol's extensions that the server announces. */
  async extensions(): Promise<string[]> {
    const { headers } = await this.#send('OPTIONS', '/uploads', {}, { size: 0 })
    return String(headers['tus-extension'] ?? '').split(',')
  }

  /** Sends the first bytes of an upload in a PATCH that is left standing. @returns what ends its connection. */
  async stall(path: string, size: number, sent: number): Promise<() => void> {
    const outgoing = this.#open('PATCH', path, appending(0), size)
    outgoing.on('error', () => {})
    await new Promise(resolve => outgoing.write(PIECE.subarray(0, sent), resolve))
    return () => outgoing.destroy()
  }

  /** Goes on with an upload that another connection is still sending: asks and sends until a PATCH succeeds. */
  async takeOver(path: string, size: number): Promise<void> {
    for (;;) {
      const head = await this.#send('HEAD', path, {}, { size: 0 }).catch(() => undefined)
      let offset = head?.statusCode === 200 ? Number(head.headers['upload-offset']) : undefined
      while (offset !== undefined) {
        const answer = await this.#append(path, offset, { size: size - offset }).catch(() => undefined)
        if (answer?.statusCode === 204) return
        const told = answer?.statusCode === 409 && answer.headers['upload-offset']
        offset = told ? Number(told) : undefined
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #put(upload: string, file: string, body: Body): Promise<void> {
    const answer = await this.#send('PUT', file, {}, body)
    if (answer.statusCode !== 201 && answer.statusCode !== 204)
      throw new Error(`PUT was answered ${answer.statusCode}`)
    this.#files.set(upload, (this.#files.get(upload) ?? new Set()).add(file))
  }

  #append(path: string, offset: number, body: Body): Promise<IncomingMessage> {
    return this.#send('PATCH', path, appending(offset), body)
  }

  #open(method: string, path: string, headers: object, size: number): ClientRequest {
    const agent = this.#agent
    return request(this.#options.url + path, {
      method,
      agent,
      headers: { ...TUS, ...headers, 'Content-Length': size },
    })
  }

  async #send(method: string, path: string, headers: object, body: Body): Promise<IncomingMessage> {
    const outgoing = this.#open(method, path, headers, body.size)
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
    await Promise.race([answered, writeBody(outgoing, body)])
    const [answer] = await answered
    answer.resume()
    await once(answer, 'end')
    return answer
  }
}

function appending(offset: number): object {
  return { 'Upload-Offset': offset, 'Content-Type': 'application/offset+octet-stream' }
}

async function writeBody(outgoing: ClientRequest, { size, pause }: Body): Promise<void> {
  let sent = 0
  if (pause) {
    sent = Math.min(FIRST_PIECE_BYTES, size)
    await new Promise(resolve => outgoing.write(PIECE.subarray(0, sent), resolve))
    await pause()
  }
  while (sent < size) {
    const piece = Math.min(PIECE.byteLength, size - sent)
    sent += piece
    if (!outgoing.write(PIECE.subarray(0, piece)) && sent < size) await once(outgoing, 'drain')
  }
  outgoing.end()
}
