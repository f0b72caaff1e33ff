import { sql } from 'kysely'
import { pino } from 'pino'
import t from 'tap'
import { openPostgres } from '../../src/database/pg-database.ts'
import { keepWithParts } from '../../src/uploads/core/final-parts.ts'
import { advanceOffsets, findUpload } from '../../src/uploads/core/upload-rows.ts'
import { addUpload } from '../support/catalogue-rows.ts'
import { startPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'

// Statements that change several rows of uploads at the same time, on several connections.

const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const { db, close } = await openPostgres(await postgres.createDatabase(), pino({ level: 'silent' }))
t.teardown(close)
await addUpload(db)
// In a large table, rows are found by an index, and locked in the order in which they are found.
await sql`insert into uploads select (jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid()))).*
  from uploads as one, generate_series(1, 5000)`.execute(db)
await sql`analyze`.execute(db)

const waiting = async () => {
  const { rows } = await sql`select from pg_stat_activity where wait_event_type = 'Lock'`.execute(db)
  return rows.length
}

t.test('a request to a final upload while the offsets of its parts advance', async t => {
  const first = await addUpload(db, { length: 100 })
  const second = await addUpload(db, { length: 100 })
  const id = await addUpload(db, {})
  const parts = [first, second].map(part => `/uploads/${part}`)
  await db
    .updateTable('uploads')
    .set({ concat: 'final', parts: JSON.stringify(parts), expires_at: sql<Date>`now() + interval '1 day'` })
    .where('id', '=', id)
    .execute()
  const final = (await findUpload(db, id))!
  const move = (part: string) => ({ id: part, from: 0, to: 10, state: null, generation: 1 })

  const results: Promise<unknown>[] = []
  await db.transaction().execute(async trx => {
    await sql`select from uploads where id = ${first} for update`.execute(trx)
    let isKept = false
    results.push(keepWithParts(db, final).finally(() => (isKept = true)))
    await until(async () => isKept || (await waiting()) === 1)
    results.push(advanceOffsets(db, [second, first].map(move), 60))
    for (const result of results) result.catch(() => {})
    await until(async () => (await waiting()) === (isKept ? 1 : 2))
  })
  const errors = (await Promise.allSettled(results)).filter(({ status }) => status === 'rejected')
  t.same(errors, [], 'no deadlock')

  await keepWithParts(db, final)
  for (const part of [first, second])
    t.match(
      await findUpload(db, part),
      { offset: 10, expires_at: final.expires_at },
      'the next call moves the rest',
    )
})
