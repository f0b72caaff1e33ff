import { sql } from 'kysely'
import type { SteadyClock } from '../base/steady-clock.ts'
import type { Db } from './schema.ts'

/** After a longer round trip, the time at which the database read its clock is too uncertain. */
const MAX_ROUND_TRIP_MS = 2000

/**
 * The database's time, for statements that delete old rows. They must not use `now()`, because the clock can jump between this check and the
 * statement. @returns undefined while the clock is not reliable.
 */
export async function steadyDatabaseTime(db: Db, clock: SteadyClock): Promise<Date | undefined> {
  const before = performance.now()
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db)
  const { now } = rows[0]!
  if (performance.now() - before > MAX_ROUND_TRIP_MS) return undefined
  return clock.observe(now.getTime()) ? now : undefined
}

/**
 * Corrects due times that were written while a clock was far ahead: a step, a pause or a key would wait for days. The limit of one day is
 * longer than any intended wait. @param now from `steadyDatabaseTime`.
 */
export async function pullInFarTimes(db: Db, now: Date): Promise<void> {
  const dayAhead = sql`${now}::timestamptz + interval '1 day'`
  await sql`update steps set due_at = ${now} where state = 'pending' and due_at > ${dayAhead}`.execute(db)
  await sql`update steps set lease_until = ${now} where state = 'running' and lease_until > ${dayAhead}`.execute(
    db,
  )
  await sql`update pauses set next_check_at = ${now} where next_check_at > ${dayAhead}`.execute(db)
  await sql`update webhook_deliveries set due_at = ${now} where state = 'pending' and due_at > ${dayAhead}`.execute(
    db,
  )
  await sql`update idempotent_requests set lease_until = ${now} where status is null and lease_until > ${dayAhead}`.execute(
    db,
  )
  await sql`update all_videos set binned_at = ${now} where binned_at > ${dayAhead}`.execute(db)
  await sql`update removals set created_at = ${now} where created_at > ${dayAhead}`.execute(db)
}
