import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { Loop } from '../base/loop.ts'
import { graceS, SteadyClock } from '../base/steady-clock.ts'
import { steadyDatabaseTime } from '../database/database-time.ts'
import type { Schema } from '../database/schema.ts'
import { postMessage, type ReceivedResponse } from './post-message.ts'
import {
  claimDelivery,
  currentSecrets,
  type DueDelivery,
  deleteOldDeliveries,
  disableWebhook,
  settleDelivery,
} from './webhook-rows.ts'

/** Time from each failed attempt to the next: eleven attempts in about a day. */
const DELAYS_S: readonly number[] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 36_000]
/** The lease of an attempt must be longer than its time limit. */
const LEASE_S = 60
/** Concurrent attempts in this process, in total and per webhook. The second limit keeps a slow webhook from delaying the others. */
const MAX_PARALLEL_ATTEMPTS = 8
const MAX_PARALLEL_PER_WEBHOOK = 2
/** Old deliveries are deleted at this interval. */
const CLEANUP_INTERVAL_MS = 60_000
/** Completed deliveries are kept for this time after their event. */
const RETENTION_S = 7 * 24 * 3600

export interface WebhookSenderDeps {
  readonly db: Kysely<Schema>
  readonly log: Logger
  readonly allowPrivate: boolean
  /** Seconds between two checks for due deliveries if nothing calls `wake()`. */
  readonly interval?: number
  /** Seconds to wait after each failed attempt. When none is left, the delivery fails. */
  readonly delays?: readonly number[]
}

/** Sends events to webhooks, at least once and in no particular order (Standard Webhooks 1.0.0). Due deliveries are read from the database. */
export class WebhookSender {
  readonly #deps: WebhookSenderDeps
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #busy = new Map<string, number>()
  readonly #clock = new SteadyClock(graceS(RETENTION_S))
  #lastCleanup = Number.NEGATIVE_INFINITY
  readonly #loop: Loop

  constructor(deps: WebhookSenderDeps) {
    this.#deps = deps
    this.#loop = new Loop(() => this.#startDue(), {
      intervalMs: (deps.interval ?? 1) * 1000,
      log: deps.log,
      failed: 'webhook deliveries cannot be sent: they stay in the database until they can',
      recovered: 'webhook deliveries are sent again',
    })
  }

  start(): void {
    this.#loop.start()
  }

  /** Sends the deliveries that became due before this call. */
  wake(): void {
    this.#loop.wake()
  }

  /** Cancels attempts in progress. Their deliveries are due again at once. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the sender is stopped'))
    await this.#loop.stop()
    await Promise.all(this.#running)
  }

  /** Starts the deliveries that are due, without waiting for their end. */
  async #startDue(): Promise<void> {
    await this.#deleteOld()
    while (this.#running.size < MAX_PARALLEL_ATTEMPTS && !this.#stopping.signal.aborted) {
      const full = [...this.#busy].filter(([, count]) => count >= MAX_PARALLEL_PER_WEBHOOK).map(([id]) => id)
      const due = await claimDelivery(this.#deps.db, LEASE_S, full)
      if (!due) break
      this.#send(due)
    }
  }

  /** At most once a minute, to save statements. */
  async #deleteOld(): Promise<void> {
    if (performance.now() - this.#lastCleanup < CLEANUP_INTERVAL_MS) return
    this.#lastCleanup = performance.now()
    const { db } = this.#deps
    const now = await steadyDatabaseTime(db, this.#clock)
    if (now) await deleteOldDeliveries(db, now, RETENTION_S)
  }

  #send(due: DueDelivery): void {
    const { id } = due.webhook
    this.#busy.set(id, (this.#busy.get(id) ?? 0) + 1)
    const sent = this.#attempt(due)
      .catch(err =>
        this.#deps.log.warn({ err, webhook_id: id }, 'the result of a webhook delivery could not be saved'),
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
    const { db, log, allowPrivate } = this.#deps
    const { delivery, webhook } = due
    const { signal } = this.#stopping
    const body = JSON.stringify({
      type: delivery.type,
      timestamp: delivery.time.toISOString(),
      data: { video_id: delivery.video_id },
    })
    const message = { id: delivery.event_id, timestamp: Math.floor(Date.now() / 1000), body }
    let response: ReceivedResponse | undefined
    let error: string | null = null
    try {
      response = await postMessage(webhook.url, message, {
        secrets: currentSecrets(webhook),
        allowPrivate,
        signal,
      })
      if (response.status < 200 || response.status > 299)
        error = `The receiver responded with ${response.status}.`
    } catch (failure) {
      error = failure instanceof Error ? failure.message : String(failure)
    }
    const delayS = signal.aborted ? 0 : this.#delayS(delivery.attempts, response?.retryAfterS)
    await settleDelivery(db, due, {
      state: error === null ? 'delivered' : delayS === undefined ? 'failed' : 'pending',
      response_status: response?.status ?? null,
      response_body: response?.body ?? null,
      error: error?.slice(0, 1000) ?? null,
      delayS: delayS ?? 0,
    })
    if (error)
      log.info({ webhook_id: webhook.id, event_id: delivery.event_id, error }, 'a webhook delivery failed')
    // "410 Gone: the endpoint is no longer interested" (Standard Webhooks 1.0.0, Retry schedule).
    if (response?.status === 410) await disableWebhook(db, webhook.id)
  }

  /** @returns seconds until the next attempt; undefined after the last one. */
  #delayS(attempt: number, retryAfterS = 0): number | undefined {
    const delayS = (this.#deps.delays ?? DELAYS_S)[attempt - 1]
    if (delayS === undefined) return undefined
    // Jitter, so that deliveries that failed together are not repeated together.
    const jittered = delayS * (0.9 + 0.2 * Math.random())
    return Math.max(retryAfterS, jittered)
  }
}
