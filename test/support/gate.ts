import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What a closed gate does with connections. */
export type Closing = 'silent' | 'reset'

/**
 * A TCP proxy that closes after a number of messages, counted over all connections. Closed, it answers nothing any more (`silent`), as a
 * frozen server or a network that drops packets, or it resets all connections (`reset`), as a server that has ended.
 */
export class Gate {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #closing: Closing
  readonly #closed = Promise.withResolvers<void>()
  #left: number
  #isOpen = true
  /** Messages of clients so far. */
  messages = 0

  private constructor(port: number, afterMessages: number, closing: Closing) {
    this.#target = { host: '127.0.0.1', port }
    this.#left = afterMessages
    this.#closing = closing
    this.#server = createServer(client => this.#relay(client))
  }

  /** @param port of the server behind it. */
  static async before(port: number, afterMessages: number, closing: Closing): Promise<Gate> {
    const gate = new Gate(port, afterMessages, closing)
    gate.#server.listen(0, '127.0.0.1')
    await once(gate.#server, 'listening')
    return gate
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Fulfils when a message has met the closed gate. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /** Lets everything pass from now on. Connections that met the closed gate are reset. */
  open(): void {
    this.#left = Number.POSITIVE_INFINITY
    if (!this.#isOpen) this.#reset()
    this.#isOpen = true
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#reset()
    await once(this.#server, 'close')
  }

  #relay(client: Socket): void {
    const server = connect(this.#target)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true).on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', chunk => this.#count() && server.write(chunk))
    server.on('data', chunk => this.#isOpen && client.write(chunk))
  }

  /** @returns whether the message may pass. */
  #count(): boolean {
    this.messages++
    if (this.#left-- > 0) return true
    this.#isOpen = false
    if (this.#closing === 'reset') this.#reset()
    this.#closed.resolve()
    return false
  }

  #reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}
