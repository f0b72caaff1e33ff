import { sql } from 'kysely'
import { pino } from 'pino'
import t from 'tap'
import { openPostgres } from '../../src/database/pg-database.ts'
import { dueConcatenations, makeWaitingDue, waitForPart } from '../../src/uploads/core/due-concatenations.ts'
import { findUpload } from '../../src/uploads/core/upload-rows.ts'
import { findVideo } from '../../src/videos/catalogue/videos.ts'
import { startPostgres } from '../support/postgres.ts'
import { EXPIRY, setUpUploads, TESTER } from '../support/test-uploads.ts'
import { until } from '../support/until.ts'

const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const { db, close } = await openPostgres(await postgres.createDatabase(), pino({ level: 'silent' }))
t.teardown(close)

async function setUp(t: Parameters<typeof setUpUploads>[0]) {
  await db.deleteFrom('concatenations_due').execute()
  const uploads = await setUpUploads(t, db)
  const { create, write, sweeper } = uploads
  const { createFinal } = uploads
  const part = () => create(100, { kind: 'partial' })
  const parts = [await part(), await part()] as const
  await write(parts[0], 0, 100)
  const final = await createFinal(parts)
  return {
    ...uploads,
    parts,
    final,
    async sweepUntil(isSo: () => Promise<unknown>) {
      sweeper.start()
      await until(isSo)
      await sweeper.stop()
    },
  }
}

const expiryOf = async (id: string) => (await findUpload(db, id))!.expires_at.getTime()
const expireIn = (id: string, seconds: number) =>
  db
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() + ${seconds} * interval '1 second'` })
    .where('id', '=', id)
    .execute()

t.test('a sweep reads no final upload that waits for a part, and the last part makes it due', async t => {
  const { final, parts, write, sweepUntil } = await setUp(t)
  t.same(await dueConcatenations(db), [])
  await write(parts[1], 0, 100)
  t.same(await dueConcatenations(db), [final])
  await sweepUntil(async () => (await findVideo(db, final))?.status === 'processing')
  t.same(await dueConcatenations(db), [])
  t.equal((await findUpload(db, final))!.length, 200)
})

t.test('a part that is finished while the final upload is found to wait makes it due', async t => {
  const { final, parts } = await setUp(t)
  await sql`insert into concatenations_due values (${final})`.execute(db)
  let waiting: Promise<void> | undefined
  await db.transaction().execute(async trx => {
    await trx
      .updateTable('uploads')
      .set({ finished_at: sql<Date>`now()` })
      .where('id', '=', parts[1])
      .execute()
    await makeWaitingDue(trx, parts[1])
    waiting = waitForPart(db, final, parts[1])
    // Until it waits for the lock of the part.
    await until(async () => {
      const { rows } = await sql`select from pg_locks where not granted`.execute(trx)
      return rows.length > 0
    })
  })
  await waiting
  t.same(await dueConcatenations(db), [final])
})

t.test('parts that nobody sends stay while another part is sent', async t => {
  const { final, parts, write, sweepUntil } = await setUp(t)
  const [idle, fed] = parts
  await expireIn(idle, 300)
  await expireIn(final, -60)
  await write(fed, 0, 40)
  const latest = await expiryOf(fed)
  t.ok(latest > Date.now() + (EXPIRY - 60) * 1000)
  await sweepUntil(async () => (await expiryOf(idle)) === latest)
  t.equal(await expiryOf(final), latest)
})

t.test('a final upload whose parts were finished by an earlier version is concatenated', async t => {
  const { final, parts, write, sweepUntil } = await setUp(t)
  await write(parts[1], 0, 100)
  await db.deleteFrom('concatenations_due').execute()
  await sweepUntil(async () => (await findVideo(db, final))?.status === 'processing')
})

t.test('a final upload without its parts is tried once, and removed an hour later', async t => {
  const { final, parts, store, locks, sweepUntil } = await setUp(t)
  await locks.run(parts[1], () => store.remove(parts[1]))
  t.same(await dueConcatenations(db), [final])
  await sweepUntil(async () => (await dueConcatenations(db)).length === 0)
  t.ok((await expiryOf(final)) <= Date.now() + 3_600_000)
  await locks.run(final, () => store.remove(final))
  t.same(await dueConcatenations(db), [])
})

t.test('several final uploads of one part become due together', async t => {
  const { final, parts, createFinal, write } = await setUp(t)
  const other = await createFinal([parts[1], parts[0], parts[1]])
  t.same(await dueConcatenations(db), [])
  await write(parts[1], 0, 100)
  t.same((await dueConcatenations(db)).sort(), [final, other].sort())
  t.equal(TESTER.owner, null, 'also without owners')
})
