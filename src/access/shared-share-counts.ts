import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import { sha256Hex } from '../base/hash.ts'
import type { Schema } from '../database/schema.ts'
import { CountSync, slackOf } from './count-sync.ts'
import type { Release, ShareCounts } from './share-counts.ts'

/** The row of a process is valid for this time after it was last written. */
const LEASE_S = 30
const RENEWAL_MS = 10_000
/** Before a request is refused, the counts of the other processes are read again if they are older than this. */
const REFRESH_INTERVAL_MS = 250
/** With a smaller value, every second concurrent search of a caller would run a statement. */
const MIN_SLACK_COUNT = 2

interface Count {
  taken: number
  /** The value of `taken` that is in the database. */
  announced: number
  /** Whether a statement that changes `announced` is running. */
  isSyncing: boolean
  /** Uses in all other processes when this process last read them. */
  others: number
  /** On the clock of `performance.now()`. */
  readAt: number
  readonly slack: number
}

/**
 * Counts the uses in all processes on one database. Each process writes its count to its own row and reads the rows of the others, in
 * the background. In the common case, a caller with few uses, it writes nothing. Together, the processes exceed a limit by at most
 * `slackOf(limit)`, or 2, per process. The row of a process that died expires.
 */
export class SharedShareCounts implements ShareCounts {
  readonly #db: Kysely<Schema>
  readonly #process = randomUUID()
  readonly #sync: CountSync
  readonly #counts = new Map<string, Count>()
  readonly #renewal: NodeJS.Timeout

  constructor(db: Kysely<Schema>, log: Pick<Logger, 'warn'>) {
    this.#db = db
    this.#sync = new CountSync(keys => this.#exchange(keys), log)
    this.#renewal = setInterval(() => void this.#renew().catch(() => {}), RENEWAL_MS).unref()
  }

  async take(key: string, most: number): Promise<Release | undefined> {
    let countsAlone = this.#sync.isUnavailable
    for (;;) {
      const count = this.#countOf(key, most)
      const { taken, announced, others, readAt, slack } = count
      const isUsedUp = taken + others >= most
      // Uses in other processes may have ended since.
      const mustRefresh = isUsedUp && taken < most && performance.now() - readAt > REFRESH_INTERVAL_MS
      if (!countsAlone && (mustRefresh || (!isUsedUp && taken - announced >= slack))) {
        countsAlone = !(await this.#sync.sync(key))
        continue
      }
      if (isUsedUp) return undefined
      count.taken++
      this.#announce(key, count)
      return () => {
        count.taken--
        this.#announce(key, count)
      }
    }
  }

  /** Ends all uses of this process. */
  async close(): Promise<void> {
    clearInterval(this.#renewal)
    if (this.#counts.size === 0) return
    const own = this.#db.deleteFrom('share_counts').where('process', '=', this.#process)
    await own.execute().catch(() => {})
  }

  #countOf(key: string, most: number): Count {
    const now = performance.now()
    let count = this.#counts.get(key)
    if (!count) {
      const slack = Math.max(MIN_SLACK_COUNT, slackOf(most))
      count = { taken: 0, announced: 0, isSyncing: false, others: 0, readAt: now, slack }
      this.#counts.set(key, count)
    }
    if (now - count.readAt > LEASE_S * 1000) count.others = 0
    return count
  }

  #announce(key: string, { taken, announced, isSyncing, slack }: Count): void {
    if (isSyncing) return
    if (taken === 0 && announced === 0) this.#counts.delete(key)
    else if (taken === 0 || Math.abs(taken - announced) * 2 > slack) void this.#sync.sync(key)
  }

  async #renew(): Promise<void> {
    if (this.#counts.size === 0) return
    for (const [key, { taken, announced }] of this.#counts)
      if (announced > 0 || taken === 0) void this.#sync.sync(key)
    // Not in the statement that renews: two processes whose leases have both expired could deadlock.
    await this.#db
      .deleteFrom('share_counts')
      .where('held_until', '<', sql<Date>`now()`)
      .where('process', '<>', this.#process)
      .execute()
  }

  async #exchange(keys: readonly string[]): Promise<void> {
    const sent = keys.flatMap(key => {
      const count = this.#counts.get(key)
      return count ? [{ key, id: sha256Hex(key), count, taken: count.taken }] : []
    })
    if (sent.length === 0) return
    for (const { count } of sent) count.isSyncing = true
    try {
      await this.#write(sent)
      // In a separate statement, so that of two processes that write at the same time at least one sees both counts.
      const others = await this.#othersOf(sent.map(({ id }) => id))
      const readAt = performance.now()
      for (const { id, count, taken } of sent)
        Object.assign(count, { announced: taken, others: others.get(id) ?? 0, readAt })
    } finally {
      for (const { count } of sent) count.isSyncing = false
    }
    for (const { key, count } of sent) this.#announce(key, count)
  }

  async #write(counts: readonly { readonly id: string; readonly taken: number }[]): Promise<void> {
    await sql`
      with given as (
        select key, taken
        from unnest(${counts.map(({ id }) => id)}::text[], ${counts.map(({ taken }) => taken)}::int[]) as given (key, taken)
      ), ended as (
        delete from share_counts
        where process = ${this.#process}::uuid and key in (select key from given where taken = 0)
      )
      insert into share_counts (key, process, taken, held_until)
        select key, ${this.#process}::uuid, taken, now() + ${LEASE_S} * interval '1 second' from given where taken > 0
      on conflict (key, process) do update set taken = excluded.taken, held_until = excluded.held_until`.execute(
      this.#db,
    )
  }

  async #othersOf(ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#db
      .selectFrom('share_counts')
      .select(['key', sql<number>`sum(taken)::int`.as('taken')])
      .where('key', 'in', ids)
      .where('process', '<>', this.#process)
      .where('held_until', '>', sql<Date>`now()`)
      .groupBy('key')
      .execute()
    return new Map(rows.map(({ key, taken }) => [key, taken]))
  }
}
