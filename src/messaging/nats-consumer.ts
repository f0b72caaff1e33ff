import { type JsMsg, millis, type Consumer as PullConsumer } from 'nats'
import type { Logger } from 'pino'
import { pause } from '../base/pause.ts'
import { type NatsLink, natsReason, RETRY_MS } from './nats-connection.ts'
import { type ConsumerSettings, ensureConsumer } from './nats-stream.ts'
import { parseEvent } from './parse-event.ts'
import type { Consumer, Delivery } from './queue.ts'
import { type RedeliveryDelays, redeliveryDelay } from './redelivery.ts'

/** The message header with the id of the HTTP request. */
export const REQUEST_ID = 'Request-Id'
/** A request for a message stays open at the server for this long. */
const PULL_MS = 5000

export interface ConsumerTask extends ConsumerSettings {
  readonly delays: RedeliveryDelays
  readonly handle: (delivery: Delivery) => Promise<void>
}

/** Pulls the events of one durable consumer. Other processes may pull from it too. */
export class NatsConsumer implements Consumer {
  readonly #task: ConsumerTask
  readonly #link: NatsLink
  readonly #log: Logger
  readonly #stopping = new AbortController()
  readonly #finished: Promise<void>

  constructor(task: ConsumerTask, link: NatsLink, log: Logger) {
    this.#task = task
    this.#link = link
    this.#log = log.child({ consumer: task.name })
    this.#finished = this.#run(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#finished
  }

  async #run(stop: AbortSignal): Promise<void> {
    const stopped = new Promise<undefined>(resolve =>
      stop.addEventListener('abort', () => resolve(undefined)),
    )
    let consumer: PullConsumer | undefined
    let isFailing = false
    while (!stop.aborted) {
      try {
        // A server that does not respond must not delay `stop`.
        consumer ??= await Promise.race([ensureConsumer(this.#link.use(), this.#task), stopped])
        if (!consumer) return
        const message = await pull(consumer, stop)
        if (isFailing && !stop.aborted) this.#log.info('receives events again')
        isFailing = false
        if (message && stop.aborted) message.nak()
        else if (message) await this.#deliver(message, consumer)
      } catch (error) {
        consumer = undefined
        // The connection logs its own outages.
        if (!isFailing && !this.#link.down) {
          isFailing = true
          this.#log.warn({ err: error, reason: natsReason(error) }, 'cannot receive events, retrying')
        }
        await pause(RETRY_MS, stop)
      }
    }
  }

  async #deliver(message: JsMsg, consumer: PullConsumer): Promise<void> {
    const { type, handle, ackWaitMs, delays } = this.#task
    const event = parseEvent(message.string(), type)
    if (!event) {
      const data = message.string().slice(0, 200)
      this.#log.error({ sequence: message.seq, data }, 'a message that is not an event was discarded')
      return message.term()
    }
    // An operator may have changed the wait. (`true`: the last known value, without a request.)
    const { config } = await consumer.info(true)
    const intervalMs = (config.ack_wait ? millis(config.ack_wait) : ackWaitMs) / 3
    let reported = performance.now()
    const working = () => {
      if (performance.now() - reported < intervalMs) return
      reported = performance.now()
      message.working()
    }
    try {
      await handle({ event, requestId: message.headers?.get(REQUEST_ID) || undefined, working })
    } catch (error) {
      const delivery = message.info.deliveryCount
      const delay = redeliveryDelay(delivery, delays)
      this.#log.warn(
        { err: error, event, delivery, delay },
        'handling an event failed, it will be delivered again',
      )
      return message.nak(delay)
    }
    message.ack()
  }
}

/** Pulls a single message, because further ones would wait here while other processes are idle. @returns undefined if none came in time. */
async function pull(consumer: PullConsumer, stop: AbortSignal): Promise<JsMsg | undefined> {
  const started = performance.now()
  const messages = await consumer.fetch({ max_messages: 1, expires: PULL_MS })
  const end = () => void messages.close()
  stop.addEventListener('abort', end)
  try {
    // `consumer.next()` could not be cancelled.
    for await (const message of messages) return message
  } finally {
    stop.removeEventListener('abort', end)
  }
  // A server that shuts down, or a new leader, ends the pull at once.
  if (performance.now() - started < RETRY_MS) await pause(RETRY_MS, stop)
  return undefined
}
