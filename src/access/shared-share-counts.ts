import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import { sha256Hex } from '../base/hash.ts'
import type { Schema } from '../database/schema.ts'
import { Settlement, slackOf } from './settlement.ts'
import type { Release, ShareCounts } from './share-counts.ts'

/** How long the count of a process is valid after it was last renewed. */
const LEASE_S = 30
const RENEWAL_MS = 10_000
/** A refused request makes this process look at the counts of the others if it has not done so for this time. */
const LOOK_INTERVAL_MS = 250
/** With less, a second search at the same time would cost a statement. */
const MIN_SLACK_COUNT = 2

interface Count {
  taken: number
  /** The last value of `taken` that the other processes can read. */
  announced: number
  /** Whether `announced` is about to change. */
  isSettling: boolean
  /** Uses at all other processes, when this process last looked. */
  others: number
  /** On the clock of `performance.now()`. */
  lookedAt: number
  readonly slack: number
}

/**
 * Counts the uses at all processes on one database. Each process announces its count in a row and looks at the rows of the others, in the
 * background. It announces nothing as long as a holder has few uses, which is the common case: the processes together exceed a limit by at
 * most `slackOf(limit)`, or 2, for each of them. The count of a process that died ends by itself.
 */
export class SharedShareCounts implements ShareCounts {
  readonly #db: Kysely<Schema>
  readonly #process = randomUUID()
  readonly #settlement: Settlement
  readonly #counts = new Map<string, Count>()
  readonly #renewal: NodeJS.Timeout

  constructor(db: Kysely<Schema>, log: Pick<Logger, 'warn'>) {
    this.#db = db
    this.#settlement = new Settlement(keys => this.#settle(keys), log)
    this.#renewal = setInterval(() => void this.#renew().catch(() => {}), RENEWAL_MS).unref()
  }

  async take(key: string, most: number): Promise<Release | undefined> {
    let isAlone = this.#settlement.isAway
    for (;;) {
      const count = this.#countOf(key, most)
      const { taken, announced, others, lookedAt, slack } = count
      const isUsedUp = taken + others >= most
      // Uses of others may have ended since.
      const mustLook = isUsedUp && taken < most && performance.now() - lookedAt > LOOK_INTERVAL_MS
      if (!isAlone && (mustLook || (!isUsedUp && taken - announced >= slack))) {
        isAlone = !(await this.#settlement.settle(key))
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
      count = { taken: 0, announced: 0, isSettling: false, others: 0, lookedAt: now, slack }
      this.#counts.set(key, count)
    }
    if (now - count.lookedAt > LEASE_S * 1000) count.others = 0
    return count
  }

  #announce(key: string, { taken, announced, isSettling, slack }: Count): void {
    if (isSettling) return
    if (taken === 0 && announced === 0) this.#counts.delete(key)
    else if (taken === 0 || Math.abs(taken - announced) * 2 > slack) void this.#settlement.settle(key)
  }

  async #renew(): Promise<void> {
    if (this.#counts.size === 0) return
    for (const [key, { taken, announced }] of this.#counts)
      if (announced > 0 || taken === 0) void this.#settlement.settle(key)
    // Not in the statement that renews: two processes that wake up after their leases would block each other.
    await this.#db
      .deleteFrom('share_counts')
      .where('held_until', '<', sql<Date>`now()`)
      .where('process', '<>', this.#process)
      .execute()
  }

  async #settle(keys: readonly string[]): Promise<void> {
    const sent = keys.flatMap(key => {
      const count = this.#counts.get(key)
      return count ? [{ key, id: sha256Hex(key), count, taken: count.taken }] : []
    })
    if (sent.length === 0) return
    for (const { count } of sent) count.isSettling = true
    try {
      await this.#write(sent)
      // A statement of its own: of two processes that announce at the same time, at least one sees both.
      const others = await this.#othersOf(sent.map(({ id }) => id))
      const lookedAt = performance.now()
      for (const { id, count, taken } of sent)
        Object.assign(count, { announced: taken, others: others.get(id) ?? 0, lookedAt })
    } finally {
      for (const { count } of sent) count.isSettling = false
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
