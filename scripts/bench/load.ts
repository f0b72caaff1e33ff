import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'

const TUS = { 'Tus-Resumable': '1.0.0' }
const PIECE = 1024 * 1024
const piece = Buffer.alloc(PIECE, 'longtake')

/** A client of tus that costs little: one buffer, sent again and again over connections that are kept. */
export class Load {
  readonly #url: string
  readonly #agent: Agent

  constructor(url: string, connections: number) {
    this.#url = url
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** @returns the path of a new upload. */
  async create(length: number): Promise<string> {
    const answer = await this.#send('POST', '/uploads', { 'Upload-Length': length }, 0)
    if (answer.statusCode !== 201) throw new Error(`POST was answered ${answer.statusCode}`)
    return new URL(answer.headers.location!, this.#url).pathname
  }

  /** Sends bytes of an upload in one PATCH. */
  async patch(path: string, offset: number, size: number): Promise<void> {
    const headers = { 'Upload-Offset': offset, 'Content-Type': 'application/offset+octet-stream' }
    const answer = await this.#send('PATCH', path, headers, size)
    if (answer.statusCode !== 204 || Number(answer.headers['upload-offset']) !== offset + size) {
      throw new Error(`PATCH was answered ${answer.statusCode} at ${answer.headers['upload-offset']}`)
    }
  }

  /** Uploads `size` bytes in pieces. */
  async upload(size: number, chunk = size): Promise<void> {
    const path = await this.create(size)
    for (let offset = 0; offset < size; offset += chunk) {
      await this.patch(path, offset, Math.min(chunk, size - offset))
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #send(method: string, path: string, headers: object, size: number): Promise<IncomingMessage> {
    const outgoing = request(this.#url + path, {
      method,
      agent: this.#agent,
      headers: { ...TUS, ...headers, 'Content-Length': size },
    })
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
    for (let sent = 0; sent < size; sent += PIECE) {
      if (!outgoing.write(piece.subarray(0, Math.min(PIECE, size - sent)))) await once(outgoing, 'drain')
    }
    outgoing.end()
    const [answer] = await answered
    answer.resume()
    await once(answer, 'end')
    return answer
  }
}
