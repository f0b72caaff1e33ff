import { setTimeout as sleep } from 'node:timers/promises'
import {
  AckPolicy,
  connect,
  DeliverPolicy,
  DiscardPolicy,
  ErrorCode,
  Events,
  headers,
  type JetStreamManager,
  type JsMsg,
  millis,
  type NatsConnection,
  NatsError,
  nanos,
  type Consumer as PullConsumer,
  RetentionPolicy,
  StorageType,
} from 'nats'
import type { Logger } from 'pino'
import { pause } from '../base/pause.ts'
import { EVENT_TYPES, type EventType } from '../database/schema.ts'
import { type NatsAddress, parseNatsAddress } from './nats-address.ts'
import { parseEvent } from './parse-event.ts'
import type { Consumer, Delivery, Queue, VideoEvent } from './queue.ts'
import { REDELIVERY_DELAYS, type RedeliveryDelays, redeliveryDelay } from './redelivery.ts'

export const STREAM = 'VIDEOS'

const REQUEST_ID = 'Request-Id'
/** Error codes of the JetStream API. */
const STREAM_NOT_FOUND = 10059
const CONSUMER_NOT_FOUND = 10014

/** Milliseconds, all of them. */
const DAY = 24 * 60 * 60 * 1000
const DEDUPE = 120_000
const RETRY = 1000
const TIMEOUT = 4000
const PULL = 5000
const GOODBYE = 1000

type Handler = (delivery: Delivery) => Promise<void>

export interface NatsQueueOptions {
  readonly delays?: RedeliveryDelays
  /** Milliseconds after which an event that nobody reported on goes to another consumer; for durable consumers that are created, 30 s. */
  readonly ackWait?: number
}

/**
 * The queue over NATS JetStream (2.9 or newer), stream `VIDEOS`. NATS may be absent at start, go away or lose its data: the
 * stream and the consumers are made again where they are missing, and whatever an operator has set on them stays.
 *
 * An acknowledgement is not awaited and can get lost with the connection, and NATS 2.9 itself syncs its files only once a
 * minute: an event may come twice or never. Both are allowed, as the rows are the truth.
 */
export class NatsQueue implements Queue {
  readonly #log: Logger
  readonly #link: Link
  readonly #options: Required<NatsQueueOptions>
  readonly #types = new Map<string, EventType>()
  readonly #consumers: NatsConsumer[] = []

  /**
   * Returns at once; the connection is made in the background, for as long as it takes.
   * @param url see `parseNatsAddress`
   * @throws TypeError when `url` is not an address
   */
  constructor(url: string, log: Logger, options: NatsQueueOptions = {}) {
    this.#log = log
    this.#link = new Link(parseNatsAddress(url), log)
    this.#options = { delays: REDELIVERY_DELAYS, ackWait: 30_000, ...options }
  }

  /** @throws at once while there is no connection, otherwise when NATS has not confirmed after 4 s, or the stream cannot be made. */
  async publish(event: VideoEvent, requestId?: string): Promise<void> {
    const connection = this.#link.use()
    const { id, type, video_id, owner, time } = event
    const told = { id, type, video_id, ...(owner !== null && { owner }), time }
    const send = async () => {
      const fields = headers()
      if (requestId !== undefined) fields.set(REQUEST_ID, requestId)
      // Another stream that listens to the same subject must not acknowledge in place of ours.
      const options = { msgID: id, headers: fields, timeout: TIMEOUT, expect: { streamName: STREAM } }
      await connection.jetstream().publish(type, JSON.stringify(told), options)
    }
    try {
      await send().catch(async error => {
        if (!(error instanceof NatsError && error.code === ErrorCode.NoResponders)) throw error
        await ensureStream(await manager(connection))
        await send()
      })
    } catch (error) {
      throw new Error(`NATS did not take the event: ${reason(error)}`, { cause: error })
    }
  }

  /** @throws when the queue is closed, or when the name already consumes another type: a durable consumer has one subject. */
  consume(name: string, type: EventType, handle: Handler): Consumer {
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
      await (await manager(connection)).getAccountInfo()
    } catch (error) {
      throw new Error(`NATS cannot be used: ${reason(error)}`, { cause: error })
    }
  }

  /** Ends within two seconds of the last event in hand, whether NATS is there or not. */
  async close(): Promise<void> {
    this.#link.closed = true
    await Promise.all(this.#consumers.map(consumer => consumer.stop()))
    await this.#link.close()
  }
}

/** The connection to NATS, made and made again in the background until it is closed. */
class Link {
  /** No longer to be used, though what is in hand may still be acknowledged. */
  closed = false
  readonly #address: NatsAddress
  readonly #log: Logger
  readonly #ended = new AbortController()
  #connection: NatsConnection | undefined
  /** Why there is no connection at the moment. */
  #down: string | undefined = 'not yet connected'

  constructor(address: NatsAddress, log: Logger) {
    this.#address = address
    this.#log = log
    void this.#stayConnected()
  }

  get down(): boolean {
    return this.#down !== undefined
  }

  /** @throws where there is no connection now. */
  use(): NatsConnection {
    if (this.closed) throw new Error('The queue is closed.')
    if (this.#connection && !this.down) return this.#connection
    throw new Error(`NATS at ${this.#address.hosts} cannot be reached: ${this.#down}`)
  }

  async close(): Promise<void> {
    this.#ended.abort()
    // The last acknowledgements are still on their way.
    const flushed = this.down ? undefined : this.#connection?.flush().catch(() => {})
    await Promise.race([flushed, sleep(GOODBYE, undefined, { ref: false })])
    await this.#connection?.close()
  }

  /**
   * The client's own `waitOnFirstConnect` is not used: it cannot be called off and does not say why it fails. The loop
   * also goes on where the client gives up, which it does when a login is refused twice.
   */
  async #stayConnected(): Promise<void> {
    const { hosts, ...address } = this.#address
    let reported = false
    while (!this.#ended.signal.aborted) {
      try {
        const connection = await connect({
          ...address,
          name: 'longtake',
          timeout: 2000,
          maxReconnectAttempts: -1,
          reconnectTimeWait: RETRY,
          // A peer that vanished without a word is noticed after half a minute instead of six.
          pingInterval: 10_000,
        })
        if (this.#ended.signal.aborted) return await connection.close()
        reported = false
        this.#connection = connection
        this.#up()
        void this.#watch(connection)
        throw (await connection.closed()) ?? new Error('connection closed')
      } catch (error) {
        if (this.#ended.signal.aborted) return
        this.#down = reason(error)
        if (!reported)
          this.#log.warn({ servers: hosts, reason: this.#down }, 'NATS cannot be reached, retrying')
        reported = true
      }
      await pause(RETRY, this.#ended.signal)
    }
  }

  /** The client reconnects by itself, so that what is in hand can be acknowledged afterwards. */
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

interface Task extends Required<NatsQueueOptions> {
  readonly name: string
  readonly type: EventType
  readonly handle: Handler
}

/** Pulls the events of one durable consumer, which other processes may be pulling from too. */
class NatsConsumer implements Consumer {
  readonly #task: Task
  readonly #link: Link
  readonly #log: Logger
  readonly #stopping = new AbortController()
  readonly #finished: Promise<void>

  constructor(task: Task, link: Link, log: Logger) {
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
    let failing = false
    while (!stop.aborted) {
      try {
        // A server that does not answer must not hold up stop().
        consumer ??= await Promise.race([ensureConsumer(this.#link.use(), this.#task), stopped])
        if (!consumer) return
        const message = await pull(consumer, stop)
        if (failing && !stop.aborted) this.#log.info('takes events again')
        failing = false
        if (message && stop.aborted) message.nak()
        else if (message) await this.#deliver(message, consumer)
      } catch (error) {
        consumer = undefined
        // The link has reported its own outage.
        if (!failing && !this.#link.down) {
          failing = true
          this.#log.warn({ err: error, reason: reason(error) }, 'cannot take events, retrying')
        }
        await pause(RETRY, stop)
      }
    }
  }

  async #deliver(message: JsMsg, consumer: PullConsumer): Promise<void> {
    const { type, handle, ackWait, delays } = this.#task
    const event = parseEvent(message.string(), type)
    if (!event) {
      const data = message.string().slice(0, 200)
      this.#log.error({ sequence: message.seq, data }, 'not an event, put aside')
      return message.term()
    }
    // An operator may have set another wait than ours. (`true`: as known here, without asking.)
    const { config } = await consumer.info(true)
    const interval = (config.ack_wait ? millis(config.ack_wait) : ackWait) / 3
    let reported = performance.now()
    const working = () => {
      if (performance.now() - reported < interval) return
      reported = performance.now()
      message.working()
    }
    try {
      await handle({ event, requestId: message.headers?.get(REQUEST_ID) || undefined, working })
    } catch (error) {
      const delivery = message.info.deliveryCount
      const delay = redeliveryDelay(delivery, delays)
      this.#log.warn({ err: error, event, delivery, delay }, 'event failed, comes again')
      return message.nak(delay)
    }
    message.ack()
  }
}

function manager(connection: NatsConnection): Promise<JetStreamManager> {
  return connection.jetstreamManager({ checkAPI: false, timeout: TIMEOUT })
}

async function ensureStream({ streams }: JetStreamManager): Promise<void> {
  const { config } = (await streams.info(STREAM).catch(undefinedWhere(STREAM_NOT_FOUND))) ?? {}
  if (!config) {
    await streams.add({
      name: STREAM,
      subjects: [...EVENT_TYPES],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: nanos(7 * DAY),
      duplicate_window: nanos(DEDUPE),
    })
    return
  }
  const missing = EVENT_TYPES.filter(type => !config.subjects.some(pattern => covers(pattern, type)))
  if (missing.length) await streams.update(STREAM, { subjects: [...config.subjects, ...missing] })
}

/** NATS 2.9 lets a consumer have a single `filter_subject`. */
async function ensureConsumer(
  connection: NatsConnection,
  { name, type, ackWait }: Task,
): Promise<PullConsumer> {
  const jsm = await manager(connection)
  await ensureStream(jsm)
  const info = await jsm.consumers.info(STREAM, name).catch(undefinedWhere(CONSUMER_NOT_FOUND))
  if (!info) {
    await jsm.consumers.add(STREAM, {
      durable_name: name,
      filter_subject: type,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWait),
      max_deliver: -1,
      max_ack_pending: 64,
    })
  } else if (info.config.filter_subject !== type) {
    // An earlier version of the program drove the step by another event.
    await jsm.consumers.update(STREAM, name, { filter_subject: type })
  }
  return connection.jetstream({ timeout: TIMEOUT }).consumers.get(STREAM, name)
}

/** One message, or none where none came in time. One at a time: what is pulled ahead waits here while others are idle. */
async function pull(consumer: PullConsumer, stop: AbortSignal): Promise<JsMsg | undefined> {
  const started = performance.now()
  const messages = await consumer.fetch({ max_messages: 1, expires: PULL })
  const end = () => void messages.close()
  stop.addEventListener('abort', end)
  try {
    // Not `consumer.next()`: that cannot be called off.
    for await (const message of messages) return message
  } finally {
    stop.removeEventListener('abort', end)
  }
  // A server that shuts down, or a new leader, ends the pull at once.
  if (performance.now() - started < RETRY) await pause(RETRY, stop)
  return undefined
}

/** Whether a subject pattern of a stream takes in the event type (wildcards as in NATS: `*` a word, `>` the rest). */
function covers(pattern: string, type: EventType): boolean {
  const words = type.split('.')
  const parts = pattern.split('.')
  const same = (part: string, at: number) => part === '*' || part === words[at]
  if (parts.at(-1) === '>') return parts.length <= words.length && parts.slice(0, -1).every(same)
  return parts.length === words.length && parts.every(same)
}

function undefinedWhere(errorCode: number): (error: unknown) => undefined {
  return error => {
    if (error instanceof NatsError && error.api_error?.err_code === errorCode) return undefined
    throw error
  }
}

const REASONS: Record<string, string> = {
  [ErrorCode.NoResponders]: 'JetStream does not answer (is it enabled?)',
  [ErrorCode.Timeout]: 'no answer in time',
  [ErrorCode.ConnectionRefused]: 'connection refused',
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return (error instanceof NatsError && REASONS[error.code]) || error.message
}
