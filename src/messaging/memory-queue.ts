import type { Logger } from 'pino'
import type { EventType } from '../database/tables/messaging.ts'
import type { Consumer, Delivery, Queue, VideoEvent } from './queue.ts'
import { REDELIVERY_DELAYS, type RedeliveryDelays, redeliveryDelay } from './redelivery.ts'

const DEDUPE_MS = 120_000

export interface MemoryQueueOptions {
  readonly delays?: RedeliveryDelays
  /**
   * Maximum number of events kept for each type (for names that consume later) and for each name (for slow handlers). The oldest are dropped,
   * because the worker's sweep finds due work in the rows.
   */
  readonly keep?: number
}

type Handler = (delivery: Delivery) => Promise<void>

interface Item {
  readonly event: VideoEvent
  readonly requestId: string | undefined
  deliveries: number
}

/**
 * The queue of a single process. Nothing is stored: the next start finds unfinished work in the rows. `working()` does nothing, because no
 * other process could receive the event.
 */
export class MemoryQueue implements Queue {
  readonly #log: Logger
  readonly #delays: RedeliveryDelays
  readonly #keep: number
  readonly #history = new Map<EventType, Item[]>()
  readonly #groups = new Map<string, Group>()
  /** When each id was last published, oldest first, in milliseconds of the monotonic clock. */
  readonly #published = new Map<string, number>()
  #closed = false

  constructor(log: Logger, { delays = REDELIVERY_DELAYS, keep = 10_000 }: MemoryQueueOptions = {}) {
    this.#log = log
    this.#delays = delays
    this.#keep = keep
  }

  /** @throws Error after `close()`. */
  async publish(event: VideoEvent, requestId?: string): Promise<void> {
    await this.check()
    if (this.#isDuplicate(event.id)) return
    const item: Item = { event, requestId, deliveries: 0 }
    const history = this.#history.get(event.type) ?? []
    this.#history.set(event.type, history)
    history.push(item)
    if (history.length > this.#keep) history.shift()
    for (const group of this.#groups.values()) if (group.type === event.type) group.add({ ...item })
  }

  /** @throws Error if the queue is closed, or if the name already consumes another type. */
  consume(name: string, type: EventType, handle: Handler): Consumer {
    if (this.#closed) throw new Error('The queue is closed.')
    let group = this.#groups.get(name)
    if (!group) {
      const log = this.#log.child({ consumer: name })
      group = new Group(type, this.#history.get(type) ?? [], log, this.#delays, this.#keep)
      this.#groups.set(name, group)
    }
    if (group.type !== type) throw new Error(`Consumer "${name}" already takes ${group.type}, not ${type}.`)
    return group.join(handle)
  }

  async check(): Promise<void> {
    if (this.#closed) throw new Error('The queue is closed.')
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#groups.values()].map(group => group.close()))
  }

  #isDuplicate(id: string): boolean {
    const now = performance.now()
    for (const [known, at] of this.#published) {
      if (now - at < DEDUPE_MS) break
      this.#published.delete(known)
    }
    if (this.#published.has(id)) return true
    this.#published.set(id, now)
    return false
  }
}

/** The consumers of one name, and the events that none of them has received yet. It outlives its members, like a durable consumer. */
class Group {
  readonly type: EventType
  readonly #log: Logger
  readonly #delays: RedeliveryDelays
  readonly #keep: number
  readonly #ready: Item[]
  readonly #members = new Set<Member>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(
    type: EventType,
    earlier: readonly Item[],
    log: Logger,
    delays: RedeliveryDelays,
    keep: number,
  ) {
    this.type = type
    this.#ready = earlier.map(item => ({ ...item }))
    this.#log = log
    this.#delays = delays
    this.#keep = keep
  }

  add(item: Item): void {
    this.#ready.push(item)
    if (this.#ready.length > this.#keep) this.#ready.shift()
    for (const member of this.#members) member.proceed()
  }

  join(handle: Handler): Consumer {
    const member = new Member(handle, this)
    this.#members.add(member)
    member.proceed()
    return {
      stop: () => {
        this.#members.delete(member)
        return member.stop()
      },
    }
  }

  take(): Item | undefined {
    return this.#ready.shift()
  }

  failed(item: Item, error: unknown): void {
    const delay = redeliveryDelay(item.deliveries, this.#delays)
    this.#log.warn(
      { err: error, event: item.event, delivery: item.deliveries, delay },
      'handling an event failed, it will be delivered again',
    )
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.add(item)
    }, delay)
    this.#timers.add(timer)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map(member => member.stop()))
    for (const timer of this.#timers) clearTimeout(timer)
  }
}

/** One handler. It receives one event at a time. */
class Member {
  readonly #handle: Handler
  readonly #group: Group
  #current: Promise<void> | undefined
  #stopped = false

  constructor(handle: Handler, group: Group) {
    this.#handle = handle
    this.#group = group
  }

  proceed(): void {
    if (this.#stopped || this.#current) return
    const item = this.#group.take()
    if (item) this.#current = this.#deliver(item)
  }

  async #deliver(item: Item): Promise<void> {
    item.deliveries++
    try {
      // publish() must not wait for the handler, not even for its synchronous part.
      await Promise.resolve()
      await this.#handle({ event: item.event, requestId: item.requestId, working() {} })
    } catch (error) {
      this.#group.failed(item, error)
    }
    this.#current = undefined
    this.proceed()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#current
  }
}
