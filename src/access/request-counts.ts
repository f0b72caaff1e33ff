import { sql } from 'kysely'
import type { Logger } from 'pino'
import { sha256Hex } from '../base/hash.ts'
import type { Db } from '../database/schema.ts'
import { Settlement, slackOf } from './settlement.ts'

/** Keys that a process remembers. It learns a forgotten count again from the database. */
const MAX_KEYS = 10_000
const CLEANUP_INTERVAL_MS = 60_000

export interface Counted {
  /** Requests in the current window; more than the limit if this one exceeds it. */
  readonly current: number
  /** Milliseconds until the window ends. */
  readonly ttl: number
}

/** The requests of one key in its current window. */
interface Count {
  /** On the clock of `performance.now()`. */
  endsAt: number
  /** Requests at all processes, when this process last settled. */
  settled: number
  /** Requests at this process that are not part of `settled`. */
  unsettled: number
}

/**
 * Counts requests in windows that all processes on one database share. Each process counts in memory and settles with a row per key after
 * every few requests: there is no statement per request, and none at all for a key with few requests. A process waits for the settlement
 * only if it would grant more than `slackOf(limit)` requests that the others do not know. One process alone counts exactly.
 *
 * Known libraries were no better fit: `rate-limiter-flexible` runs a statement per request on PostgreSQL.
 */
export class RequestCounts {
  readonly #db: Db
  readonly #settlement: Settlement
  readonly #counts = new Map<string, Count>()
  #cleanedAt = performance.now()

  constructor(db: Db, log: Pick<Logger, 'warn'>) {
    this.#db = db
    this.#settlement = new Settlement(keys => this.#settle(keys), log)
  }

  /** Counts a request, unless it exceeds the limit. @param max requests in a window of `windowMs`. */
  async add(key: string, max: number, windowMs: number): Promise<Counted> {
    const slack = slackOf(max)
    let isAlone = this.#settlement.isAway
    for (;;) {
      const count = this.#countOf(key, windowMs)
      const total = count.settled + count.unsettled
      const ttl = count.endsAt - performance.now()
      if (total >= max) return { current: max + 1, ttl }
      if (!isAlone && count.unsettled >= slack) {
        isAlone = !(await this.#settlement.settle(key))
        continue
      }
      count.unsettled++
      if (count.unsettled * 2 >= slack) void this.#settlement.settle(key)
      return { current: total + 1, ttl }
    }
  }

  #countOf(key: string, windowMs: number): Count {
    const known = this.#counts.get(key)
    if (known && known.endsAt > performance.now()) return known
    const count = { endsAt: performance.now() + windowMs, settled: 0, unsettled: 0 }
    this.#counts.delete(key)
    this.#counts.set(key, count)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MAX_KEYS && oldest !== undefined) this.#counts.delete(oldest)
    return count
  }

  async #settle(keys: readonly string[]): Promise<void> {
    const now = performance.now()
    const sent = keys.flatMap(key => {
      const count = this.#counts.get(key)
      if (!count || count.unsettled === 0 || count.endsAt <= now) return []
      return [{ id: sha256Hex(key), count, requests: count.unsettled, remainingMs: count.endsAt - now }]
    })
    if (sent.length > 0) {
      const rows = await addRequests(this.#db, sent)
      const answered = performance.now()
      for (const { id, count, requests } of sent) {
        const row = rows.get(id)
        if (!row) continue
        count.settled = row.requests
        count.unsettled -= requests
        count.endsAt = answered + row.remaining_ms
      }
    }
    if (now - this.#cleanedAt < CLEANUP_INTERVAL_MS) return
    this.#cleanedAt = now
    await this.#db.deleteFrom('request_counts').where('ends_at', '<', sql<Date>`now()`).execute()
  }
}

interface Addition {
  readonly id: string
  readonly requests: number
  readonly remainingMs: number
}

/** Adds requests to the windows of all processes. Ordered by key: two processes that lock rows in a different order would block each other. */
async function addRequests(
  db: Db,
  additions: readonly Addition[],
): Promise<Map<string, { readonly requests: number; readonly remaining_ms: number }>> {
  const { rows } = await sql<{ key: string; requests: number; remaining_ms: number }>`
    insert into request_counts as counted (key, requests, ends_at)
      select key, requests, now() + remaining_ms * interval '1 millisecond'
      from unnest(
        ${additions.map(({ id }) => id)}::text[],
        ${additions.map(({ requests }) => requests)}::int[],
        ${additions.map(({ remainingMs }) => remainingMs)}::float8[]
      ) as added (key, requests, remaining_ms)
      order by key
    on conflict (key) do update set
      requests = excluded.requests + case when counted.ends_at > now() then counted.requests else 0 end,
      ends_at = case when counted.ends_at > now() then counted.ends_at else excluded.ends_at end
    returning key, requests, (extract(epoch from ends_at - now()) * 1000)::float8 as remaining_ms`.execute(db)
  return new Map(rows.map(row => [row.key, row]))
}
