import { setTimeout as sleep } from 'node:timers/promises'
import { connect, ErrorCode, Events, type NatsConnection, NatsError } from 'nats'
import type { Logger } from 'pino'
import { pause } from '../base/pause.ts'
import type { NatsAddress } from './nats-address.ts'

/** Delay before the next attempt after a failure. */
export const RETRY_MS = 1000
/** Time limit for a request to JetStream. */
export const REQUEST_TIMEOUT_MS = 4000
const CONNECT_TIMEOUT_MS = 2000
const PING_INTERVAL_MS = 10_000
const FLUSH_TIMEOUT_MS = 1000

/** A connection to NATS. It is opened in the background, and again after each loss, until it is closed. */
export class NatsLink {
  /** True from the start of a stop: no new work begins, but received messages may still be acknowledged. */
  closed = false
  readonly #address: NatsAddress
  readonly #log: Logger
  readonly #ended = new AbortController()
  #connection: NatsConnection | undefined
  /** Why there is no connection now. */
  #down: string | undefined = 'not yet connected'

  constructor(address: NatsAddress, log: Logger) {
    this.#address = address
    this.#log = log
    void this.#stayConnected()
  }

  get down(): boolean {
    return this.#down !== undefined
  }

  /** @throws Error if there is no connection now. */
  use(): NatsConnection {
    if (this.closed) throw new Error('The queue is closed.')
    if (this.#connection && !this.down) return this.#connection
    throw new Error(`NATS at ${this.#address.hosts} cannot be reached: ${this.#down}`)
  }

  async close(): Promise<void> {
    this.#ended.abort()
    // The last acknowledgements may not have been sent yet.
    const flushed = this.down ? undefined : this.#connection?.flush().catch(() => {})
    await Promise.race([flushed, sleep(FLUSH_TIMEOUT_MS, undefined, { ref: false })])
    await this.#connection?.close()
  }

  /**
   * The client's own `waitOnFirstConnect` is not used: it cannot be cancelled and does not say why it fails. This loop also continues after
   * the client has given up, which it does when a login is refused twice.
   */
  async #stayConnected(): Promise<void> {
    const { hosts, ...address } = this.#address
    let isReported = false
    while (!this.#ended.signal.aborted) {
      try {
        const connection = await connect({
          ...address,
          name: 'longtake',
          timeout: CONNECT_TIMEOUT_MS,
          maxReconnectAttempts: -1,
          reconnectTimeWait: RETRY_MS,
          // Detects within half a minute that the server has vanished without closing the connection. By default it takes six minutes.
          pingInterval: PING_INTERVAL_MS,
        })
        if (this.#ended.signal.aborted) return await connection.close()
        isReported = false
        this.#connection = connection
        this.#up()
        void this.#watch(connection)
        throw (await connection.closed()) ?? new Error('connection closed')
      } catch (error) {
        if (this.#ended.signal.aborted) return
        this.#down = natsReason(error)
        if (!isReported)
          this.#log.warn({ servers: hosts, reason: this.#down }, 'NATS cannot be reached, retrying')
        isReported = true
      }
      await pause(RETRY_MS, this.#ended.signal)
    }
  }

  /** The client reconnects by itself, so that received messages can be acknowledged afterwards. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (connection !== this.#connection || this.#ended.signal.aborted) return
      if (type === Events.Reconnect) this.#up()
      if (type !== Events.Disconnect || this.down) continue
      this.#down = 'connection lost'
      this.#log.warn({ servers: this.#address.hosts }, 'NATS connection lost, retrying')
    }
  }

  #up(): void {
    this.#down = undefined
    this.#log.info({ servers: this.#address.hosts }, 'connected to NATS')
  }
}

const REASONS: Record<string, string> = {
  [ErrorCode.NoResponders]: 'JetStream does not respond (is it enabled?)',
  [ErrorCode.Timeout]: 'no response in time',
  [ErrorCode.ConnectionRefused]: 'connection refused',
}

/** Explains an error of the client library, some of which have only a code. */
export function natsReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return (error instanceof NatsError && REASONS[error.code]) || error.message
}
