import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  request as open,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy that sends each request to the next of several servers, and to another one if it cannot be reached. It keeps no state. */
export class RoundRobin {
  readonly #ports: readonly number[]
  readonly #server: Server
  #next = 0

  private constructor(ports: readonly number[]) {
    this.#ports = ports
    this.#server = createServer((request, response) => this.#forward(request, response, this.#ports.length))
    this.#server.requestTimeout = 0
  }

  static async start(ports: readonly number[]): Promise<RoundRobin> {
    const proxy = new RoundRobin(ports)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #forward(request: IncomingMessage, response: ServerResponse, attempts: number): void {
    const port = this.#ports[this.#next++ % this.#ports.length]!
    const { method, url: path, headers } = request
    const forwarded = open({ host: '127.0.0.1', port, method, path, headers, agent: false })
    let isConnected = false
    forwarded.on('socket', socket =>
      socket.once('connect', () => {
        isConnected = true
        request.pipe(forwarded)
      }),
    )
    forwarded.on('response', answer => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    forwarded.on('error', () => {
      if (!isConnected && attempts > 1) return this.#forward(request, response, attempts - 1)
      // As a proxy that passes bodies on while they come: what was sent is lost.
      if (response.headersSent) response.destroy()
      else response.writeHead(502, { connection: 'close' }).end()
      request.unpipe(forwarded)
      request.resume()
    })
    response.on('close', () => forwarded.destroy())
  }
}
