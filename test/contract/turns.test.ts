import { sql } from 'kysely'
import t from 'tap'
import { MachineFault, StepError } from '../../src/base/errors.ts'
import type { Db } from '../../src/database/schema.ts'
import type { StepName } from '../../src/database/tables/steps.ts'
import { claimStep, commonestMachineFault, releaseStep } from '../../src/videos/pipeline/leases.ts'
import { completeStep, failStep } from '../../src/videos/pipeline/steps.ts'
import { addVideo, claim, complete, FACTS, stepsOf } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

await databases(t, async (t, db) => {
  t.beforeEach(() => db.deleteFrom('videos').execute())

  /** A video of an owner whose steps of a kind are due. */
  async function add(owner: string, values: { size?: number } = {}): Promise<string> {
    return addVideo(db, { length: values.size ?? 100, owner })
  }

  /** The owners whose steps are taken, one after the other, and completed. */
  async function serve(step: StepName, count: number): Promise<string> {
    let owners = ''
    for (let at = 0; at < count; at++) {
      const lease = (await claimStep(db, step))!
      owners += await ownerOf(db, lease.videoId)
      await completeStep(db, lease, { facts: FACTS })
    }
    return owners
  }

  t.test('owners take turns, whatever they have waiting', async t => {
    for (let at = 0; at < 8; at++) await add('a')
    t.equal(await serve('probe', 2), 'aa')
    for (let at = 0; at < 3; at++) await add('b')
    await add('c')
    t.match(await serve('probe', 4), /^(?=.*a)(?=.*b)(?=.*c)/, 'everybody within four')
    t.match(await serve('probe', 4), /^(ab|ba)*(ab|ba|a|b)/)
    t.equal(await serve('probe', 2), 'aa')
    // The same order for the steps behind.
    t.match(await serve('poster', 6), /a.*b.*c|a.*c.*b/)
  })

  t.test('nobody saves up turns, and one who comes back does not go before everybody', async t => {
    for (let at = 0; at < 6; at++) await add('a')
    t.equal(await serve('probe', 3), 'aaa')
    for (let at = 0; at < 6; at++) await add('b')
    t.match(await serve('probe', 6), /^(ab|ba)(ab|ba)(ab|ba)$/)
  })

  t.test('one owner alone is served in the order of coming', async t => {
    const ids: string[] = []
    for (let at = 0; at < 5; at++) ids.push(await addVideo(db))
    const taken: (string | undefined)[] = []
    for (let at = 0; at < 5; at++) taken.push((await claimStep(db, 'probe'))?.videoId)
    t.same(taken, ids)
  })

  t.test('a step that failed gets a new turn', async t => {
    const first = await add('a')
    for (let at = 0; at < 2; at++) await add('a')
    await add('b')
    await failStep(
      db,
      await claim(db, first, 'probe'),
      new StepError('storage_full', 'Busy.', { retryable: true }),
    )
    await db
      .updateTable('steps')
      .set({ due_at: sql<Date>`now()` })
      .where('video_id', '=', first)
      .where('name', '=', 'probe')
      .execute()
    t.match(await serve('probe', 2), /ab|ba/)
    t.not((await claimStep(db, 'probe'))?.videoId, first)
  })

  t.test('what is quick can be taken apart', async t => {
    const large = await add('a', { size: 2 ** 30 })
    t.equal(await claimStep(db, 'probe', { quick: true }), undefined)
    const small = await add('a')
    t.match(await claimStep(db, 'probe', { quick: true }), { videoId: small })
    t.match(await claimStep(db, 'probe'), { videoId: large })
    const long = await add('a')
    await complete(db, long, 'probe', { facts: { ...FACTS, duration: 3600 } })
    t.equal(await claimStep(db, 'playback', { quick: true }), undefined)
  })

  t.test('a claim reads a few rows of the index, however much waits', async t => {
    await sql`insert into videos (id, title, description, size, storage_key, status)
      select gen_random_uuid(), 'x', '', 1, 'uploads/x', 'processing' from generate_series(1, 3000)`.execute(
      db,
    )
    await sql`insert into steps (video_id, name, owner, turn, due_at)
      select id, 'probe', 'owner ' || (row_number() over ()) % 500, row_number() over (), now() from videos`.execute(
      db,
    )
    await sql`analyze steps`.execute(db)
    const { rows } = await sql<Record<string, string>>`explain select video_id from steps
      where name = 'probe' and state = 'pending' and due_at <= now() order by turn, due_at limit 1`.execute(
      db,
    )
    const plan = rows.map(row => Object.values(row)[0]).join('\n')
    t.match(plan, /Index.* using steps_next/)
    t.notMatch(plan, /Sort|Seq Scan/)
  })

  t.test('a fault of the machine costs no attempt, waits longer each time and can be seen', async t => {
    const id = await add('a')
    const waits: number[] = []
    for (let faults = 1; faults <= 4; faults++) {
      await releaseStep(db, await claim(db, id, 'probe'), new MachineFault('storage_full'))
      const { probe } = await stepsOf(db, id)
      t.match(probe, { state: 'pending', attempts: 0, machine_faults: faults, error_code: 'storage_full' })
      waits.push(await secondsUntilDue(db, id))
      await db
        .updateTable('steps')
        .set({ due_at: sql<Date>`now()` })
        .where('video_id', '=', id)
        .where('name', '=', 'probe')
        .execute()
    }
    t.same(
      waits.toSorted((a, b) => a - b),
      waits,
    )
    t.ok(waits[3]! > 2 * waits[0]!)
    t.match(await commonestMachineFault(db), { code: 'storage_full', message: /room/, steps: 1 })
    await complete(db, id, 'probe', { facts: FACTS })
    t.match((await stepsOf(db, id)).probe, { attempts: 1, machine_faults: 0, error_code: null })
    t.equal(await commonestMachineFault(db), undefined)
  })
})

async function ownerOf(db: Db, id: string): Promise<string> {
  const { owner } = await db
    .selectFrom('videos')
    .select('owner')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return owner ?? '-'
}

async function secondsUntilDue(db: Db, id: string): Promise<number> {
  const { rows } = await sql<{ left: number }>`
    select extract(epoch from due_at - now())::float8 as left from steps where video_id = ${id} and name = 'probe'`.execute(
    db,
  )
  return rows[0]!.left
}
