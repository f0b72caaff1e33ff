import { ErrorCode, headers, NatsError } from 'nats'
import type { Logger } from 'pino'
import type { EventType } from '../database/tables/messaging.ts'
import { parseNatsAddress } from './nats-address.ts'
import { NatsLink, natsReason, REQUEST_TIMEOUT_MS } from './nats-connection.ts'
import { NatsConsumer, REQUEST_ID } from './nats-consumer.ts'
import { ensureStream, STREAM, streamManager } from './nats-stream.ts'
import type { Consumer, Delivery, Queue, VideoEvent } from './queue.ts'
import { REDELIVERY_DELAYS, type RedeliveryDelays } from './redelivery.ts'

const ACK_WAIT_MS = 30_000

export interface NatsQueueOptions {
  readonly delays?: RedeliveryDelays
  /** Milliseconds after which an event without a sign of progress goes to another consumer. Applies to durable consumers that are created. */
  readonly ackWait?: number
}

/**
 * The queue on NATS JetStream (2.9 or newer), stream `VIDEOS`. NATS may be unreachable at the start, disconnect or lose its data. Missing
 * streams and consumers are created again; settings that an operator has changed are kept.
 *
 * An acknowledgement is not awaited and can be lost with the connection, and NATS 2.9 syncs its files only once a minute. So an event may
 * arrive twice or never. Both are allowed, because the rows hold the state.
 */
export class NatsQueue implements Queue {
  readonly #log: Logger
  readonly #link: NatsLink
  readonly #options: { readonly delays: RedeliveryDelays; readonly ackWaitMs: number }
  readonly #types = new Map<string, EventType>()
  readonly #consumers: NatsConsumer[] = []

  /**
   * Returns at once; the connection is made in the background, however long that takes.
   * @param url see `parseNatsAddress` @throws TypeError if `url` is not an address
   */
  constructor(url: string, log: Logger, { delays = REDELIVERY_DELAYS, ackWait }: NatsQueueOptions = {}) {
    this.#log = log
    this.#link = new NatsLink(parseNatsAddress(url), log)
    this.#options = { delays, ackWaitMs: ackWait ?? ACK_WAIT_MS }
  }

  /** @throws Error at once if there is no connection; otherwise if NATS does not confirm within 4 s or the stream cannot be created. */
  async publish(event: VideoEvent, requestId?: string): Promise<void> {
    const connection = this.#link.use()
    const { id, type, video_id, owner, time } = event
    const body = JSON.stringify({ id, type, video_id, ...(owner !== null && { owner }), time })
    const send = async () => {
      const fields = headers()
      if (requestId !== undefined) fields.set(REQUEST_ID, requestId)
      // `expect`: another stream with the same subject must not acknowledge in place of ours.
      const options = {
        msgID: id,
        headers: fields,
        timeout: REQUEST_TIMEOUT_MS,
        expect: { streamName: STREAM },
      }
      await connection.jetstream().publish(type, body, options)
    }
    try {
      await send().catch(async error => {
        if (!(error instanceof NatsError && error.code === ErrorCode.NoResponders)) throw error
        await ensureStream(connection)
        await send()
      })
    } catch (error) {
      throw new Error(`NATS did not accept the event: ${natsReason(error)}`, { cause: error })
    }
  }

  /** @throws Error if the queue is closed, or if the name already consumes another type: a durable consumer has one subject. */
  consume(name: string, type: EventType, handle: (delivery: Delivery) => Promise<void>): Consumer {
    if (this.#link.closed) throw new Error('The queue is closed.')
    const known = this.#types.get(name) ?? type
    if (known !== type) throw new Error(`Consumer "${name}" already takes ${known}, not ${type}.`)
    this.#types.set(name, type)
    const consumer = new NatsConsumer({ name, type, handle, ...this.#options }, this.#link, this.#log)
    this.#consumers.push(consumer)
    return consumer
  }

  async check(): Promise<void> {
    const connection = this.#link.use()
    try {
      await (await streamManager(connection)).getAccountInfo()
    } catch (error) {
      throw new Error(`NATS cannot be used: ${natsReason(error)}`, { cause: error })
    }
  }

  /** Ends within two seconds after the last event in progress, even if NATS does not respond. */
  async close(): Promise<void> {
    this.#link.closed = true
    await Promise.all(this.#consumers.map(consumer => consumer.stop()))
    await this.#link.close()
  }
}
