import { sql } from 'kysely'
import type { Logger } from 'pino'
import { sha256Hex } from '../base/hash.ts'
import type { Db } from '../database/schema.ts'
import { CountSync, slackOf } from './count-sync.ts'

/** Number of keys in memory. If the count of a discarded key is needed again, it is read from the database. */
const MAX_KEYS = 10_000
const CLEANUP_INTERVAL_MS = 60_000

export interface Counted {
  /** Number of requests in the current window; more than the limit if this request exceeds it. */
  readonly current: number
  /** Milliseconds until the window ends. */
  readonly ttl: number
}

/** The number of requests with one key in its current window. */
interface Count {
  /** On the clock of `performance.now()`. */
  endsAt: number
  /** Requests that all processes had counted when this process last synchronized. */
  synced: number
  /** Requests that this process has counted since. */
  unsynced: number
}

/**
 * Counts requests in windows that all processes on one database share. Each process counts in memory and adds its count to a row per key
 * after every few requests. So most requests run no SQL statement, and a key with few requests causes none at all. A request waits for the
 * database only if this process would otherwise grant more than `slackOf(limit)` requests that are not in the row yet. A single process
 * counts exactly.
 *
 * The library `rate-limiter-flexible` was not chosen, because it runs a statement per request on PostgreSQL.
 */
export class RequestCounts {
  readonly #db: Db
  readonly #sync: CountSync
  readonly #counts = new Map<string, Count>()
  #cleanedAt = performance.now()

  constructor(db: Db, log: Pick<Logger, 'warn'>) {
    this.#db = db
    this.#sync = new CountSync(keys => this.#exchange(keys), log)
  }

  /** Counts a request, unless it exceeds the limit. @param max requests in a window of `windowMs`. */
  async add(key: string, max: number, windowMs: number): Promise<Counted> {
    const slack = slackOf(max)
    let countsAlone = this.#sync.isUnavailable
    for (;;) {
      const count = this.#countOf(key, windowMs)
      const total = count.synced + count.unsynced
      const ttl = count.endsAt - performance.now()
      if (total >= max) return { current: max + 1, ttl }
      if (!countsAlone && count.unsynced >= slack) {
        countsAlone = !(await this.#sync.sync(key))
        continue
      }
      count.unsynced++
      if (count.unsynced * 2 >= slack) void this.#sync.sync(key)
      return { current: total + 1, ttl }
    }
  }

  #countOf(key: string, windowMs: number): Count {
    const known = this.#counts.get(key)
    if (known && known.endsAt > performance.now()) return known
    const count = { endsAt: performance.now() + windowMs, synced: 0, unsynced: 0 }
    this.#counts.delete(key)
    this.#counts.set(key, count)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MAX_KEYS && oldest !== undefined) this.#counts.delete(oldest)
    return count
  }

  async #exchange(keys: readonly string[]): Promise<void> {
    const now = performance.now()
    const sent = keys.flatMap(key => {
      const count = this.#counts.get(key)
      if (!count || count.unsynced === 0 || count.endsAt <= now) return []
      return [{ id: sha256Hex(key), count, requests: count.unsynced, remainingMs: count.endsAt - now }]
    })
    if (sent.length > 0) {
      const rows = await addRequests(this.#db, sent)
      const answered = performance.now()
      for (const { id, count, requests } of sent) {
        const row = rows.get(id)
        if (!row) continue
        count.synced = row.requests
        count.unsynced -= requests
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

/** Adds requests to the shared windows. Ordered by key, because two processes that lock rows in different orders can deadlock. */
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
