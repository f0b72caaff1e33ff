import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { graceS, SteadyClock } from '../base/steady-clock.ts'
import { steadyDatabaseTime } from '../database/database-time.ts'
import type { Schema } from '../database/schema.ts'
import { type Answer, postMessage } from './post-message.ts'
import {
  claimDelivery,
  type DueDelivery,
  disableWebhook,
  forgetDeliveries,
  settleDelivery,
  standingSecrets,
} from './webhook-rows.ts'

/** Seconds between an attempt that failed and the next: eleven attempts in a day. */
const DELAYS: readonly number[] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 36_000]
/** Seconds that a receiver can put an attempt off by. */
const LONGEST = 36_000
/** Seconds that an attempt belongs to its process: longer than one can take. */
const LEASE = 60
/** Attempts at once, in this process; and of them to one webhook, so that one that is slow does not hold up the others. */
const PARALLEL = 8
const PARALLEL_EACH = 2
/** How often old entries of the log are removed, in milliseconds. */
const FORGET_INTERVAL_MS = 60_000
/** Seconds that the log goes back. */
const KEPT = 7 * 24 * 3600

export interface WebhookSenderParts {
  readonly db: Kysely<Schema>
  readonly log: Logger
  readonly allowPrivate: boolean
  /** Seconds between two looks while nobody calls `wake()`. */
  readonly interval?: number
  /** Seconds after each attempt that failed; behind the last the delivery has. */
  readonly delays?: readonly number[]
}

/** Tells webhooks of what happened, at least once, in the form of Standard Webhooks 1.0.0. The rows say what is due; no order is promised. */
export class WebhookSender {
  readonly #parts: WebhookSenderParts
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #busy = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #again = false
  readonly #clock = new SteadyClock(graceS(KEPT))
  #lastForgotten = Number.NEGATIVE_INFINITY

  constructor(parts: WebhookSenderParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), (this.#parts.interval ?? 1) * 1000)
    this.wake()
  }

  /** Looks for what is due now; to be called after a commit. */
  wake(): void {
    this.#again = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
  }

  /** Breaks off what is being sent: it is due again at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort(new Error('the sender is stopped'))
    await this.#looking
    await Promise.all(this.#running)
  }

  async #look(): Promise<void> {
    const { db, log } = this.#parts
    try {
      while (this.#again && !this.#stopping.signal.aborted) {
        this.#again = false
        await this.#forget()
        while (this.#running.size < PARALLEL && !this.#stopping.signal.aborted) {
          const full = [...this.#busy].filter(([, count]) => count >= PARALLEL_EACH).map(([id]) => id)
          const due = await claimDelivery(db, LEASE, full)
          if (!due) break
          this.#send(due)
        }
      }
    } catch (err) {
      log.warn({ err }, 'looking for webhooks to be told failed')
    }
  }

  /** Once a minute: it reads the log by its age. */
  async #forget(): Promise<void> {
    if (performance.now() - this.#lastForgotten < FORGET_INTERVAL_MS) return
    this.#lastForgotten = performance.now()
    const { db } = this.#parts
    const now = await steadyDatabaseTime(db, this.#clock)
    if (now) await forgetDeliveries(db, now, KEPT)
  }

  #send(due: DueDelivery): void {
    const { id } = due.webhook
    this.#busy.set(id, (this.#busy.get(id) ?? 0) + 1)
    const sent = this.#attempt(due)
      .catch(err =>
        this.#parts.log.warn({ err, webhook_id: id }, 'what became of a webhook could not be noted'),
      )
      .finally(() => {
        const left = this.#busy.get(id)! - 1
        if (left === 0) this.#busy.delete(id)
        else this.#busy.set(id, left)
        this.#running.delete(sent)
        if (!this.#stopping.signal.aborted) this.wake()
      })
    this.#running.add(sent)
  }

  async #attempt(due: DueDelivery): Promise<void> {
    const { db, log, allowPrivate } = this.#parts
    const { delivery, webhook } = due
    const { signal } = this.#stopping
    const body = JSON.stringify({
      type: delivery.type,
      timestamp: delivery.time.toISOString(),
      data: { video_id: delivery.video_id },
    })
    const message = { id: delivery.event_id, timestamp: Math.floor(Date.now() / 1000), body }
    let answer: Answer | undefined
    let error: string | null = null
    try {
      answer = await postMessage(webhook.url, message, {
        secrets: standingSecrets(webhook),
        allowPrivate,
        signal,
      })
      if (answer.status < 200 || answer.status > 299) error = `The answer was ${answer.status}.`
    } catch (failure) {
      error = failure instanceof Error ? failure.message : String(failure)
    }
    const delay = signal.aborted ? 0 : this.#delay(delivery.attempts, answer?.retryAfter)
    await settleDelivery(db, due, {
      state: error === null ? 'delivered' : delay === undefined ? 'failed' : 'pending',
      response_status: answer?.status ?? null,
      response_body: answer?.body ?? null,
      error: error?.slice(0, 1000) ?? null,
      delay: delay ?? 0,
    })
    if (error)
      log.info({ webhook_id: webhook.id, event_id: delivery.event_id, error }, 'a webhook was not told')
    // "410 Gone: the endpoint is no longer interested" (Standard Webhooks 1.0.0, Retry schedule).
    if (answer?.status === 410) await disableWebhook(db, webhook.id)
  }

  /** @returns undefined behind the last attempt. */
  #delay(attempt: number, retryAfter = 0): number | undefined {
    const delay = (this.#parts.delays ?? DELAYS)[attempt - 1]
    // Deliveries that failed together do not come back together.
    const spread = (delay ?? 0) * (0.9 + 0.2 * Math.random())
    return delay === undefined ? undefined : Math.max(Math.min(retryAfter, LONGEST), spread)
  }
}
