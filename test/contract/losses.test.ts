import { sql } from 'kysely'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import type { Db } from '../../src/database/schema.ts'
import { getVideoRow } from '../../src/videos/catalogue/videos.ts'
import { claimStep, type Lease, SUSPECT_LOSSES } from '../../src/videos/pipeline/leases.ts'
import { recoverLost, reviveGivenUp } from '../../src/videos/pipeline/losses.ts'
import { completeStep } from '../../src/videos/pipeline/steps.ts'
import { addVideo, complete, expireLease, FACTS, stepsOf } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

await databases(t, async (t, db) => {
  t.beforeEach(() => db.deleteFrom('videos').execute())

  t.test('a lost worker costs no attempt, and the step runs again at once', async t => {
    const id = await addVideo(db)
    await die(db, uuid(), [id])
    t.match((await stepsOf(db, id)).probe, { state: 'pending', attempts: 0, losses: 1, lease_token: null })
    t.match(await claimStep(db, 'probe'), { videoId: id, attempt: 1, suspect: false })
  })

  t.test('the recovery of one loss by many workers counts it once', async t => {
    const id = await addVideo(db)
    await expireLease(db, (await claimStep(db, 'probe', { videoId: id, worker: uuid() }))!)
    await Promise.all(Array.from({ length: 5 }, () => recoverLost(db)))
    t.match((await stepsOf(db, id)).probe, { attempts: 0, losses: 1 })
  })

  t.test(
    'a step that kills every worker is given up, its neighbours are not, and it is tried again',
    async t => {
      const [poison, ...good] = [await addVideo(db), await addVideo(db), await addVideo(db)]
      await die(db, uuid(), [poison!, ...good])
      for (let losses = 2; losses <= 5; losses++) {
        await dueNow(db)
        // Beside a suspect no worker runs another.
        const company = losses <= SUSPECT_LOSSES ? good : []
        await die(db, uuid(), [poison!, ...company])
      }
      t.match((await stepsOf(db, poison!)).probe, { state: 'failed', error_code: 'worker_lost', losses: 5 })
      t.match((await stepsOf(db, poison!)).audio, { state: 'skipped', reason: 'probe_failed' })
      t.equal((await getVideoRow(db, poison!)).status, 'failed')
      for (const id of good) t.match((await stepsOf(db, id)).probe, { state: 'pending' })

      await reviveGivenUp(db)
      t.equal((await stepsOf(db, poison!)).probe.state, 'failed', 'not at once')
      await dueNow(db, 'failed')
      await reviveGivenUp(db)
      t.match((await stepsOf(db, poison!)).probe, { state: 'pending', attempts: 0, losses: 5 })
      t.match((await stepsOf(db, poison!)).audio, { state: 'pending', due_at: null })
      t.equal((await getVideoRow(db, poison!)).status, 'processing')
      await complete(db, poison!, 'probe', { facts: FACTS })
      t.match((await stepsOf(db, poison!)).probe, { state: 'done', losses: 0 })
      t.ok((await stepsOf(db, poison!)).audio.due_at, 'and what is behind it goes on')
    },
  )

  t.test('workers that something else kills are not the fault of their steps', async t => {
    const ids = [await addVideo(db), await addVideo(db)]
    for (let losses = 1; losses <= 8; losses++) {
      for (const id of ids) {
        await dueNow(db)
        await die(db, uuid(), [id])
      }
    }
    for (const id of ids) {
      const { probe } = await stepsOf(db, id)
      t.match(probe, { state: 'pending', attempts: 0, losses: 8, error_code: 'worker_lost' })
      t.ok(probe.due_at!.getTime() < Date.now() + 120_000, 'and they do not wait for long')
    }
    await dueNow(db)
    await completeStep(db, (await claimStep(db, 'probe'))!, { facts: FACTS })
  })

  t.test('a worker runs one suspect at a time', async t => {
    const ids = [await addVideo(db), await addVideo(db), await addVideo(db)]
    for (let losses = 0; losses < SUSPECT_LOSSES; losses++) {
      await dueNow(db)
      await die(db, uuid(), ids.slice(0, 2))
    }
    await dueNow(db)
    t.match(await claimStep(db, 'probe', { suspects: false }), { videoId: ids[2], suspect: false })
    t.equal(await claimStep(db, 'probe', { suspects: false }), undefined)
    t.match(await claimStep(db, 'probe'), { suspect: true })
  })
})

/** As if a worker had taken the first steps of some videos, and had been killed. */
async function die(db: Db, worker: string, videoIds: readonly string[]): Promise<void> {
  const leases: Lease[] = []
  for (const videoId of videoIds) leases.push((await claimStep(db, 'probe', { videoId, worker }))!)
  for (const lease of leases) await expireLease(db, lease)
  await recoverLost(db)
}

async function dueNow(db: Db, state: 'pending' | 'failed' = 'pending'): Promise<void> {
  await db
    .updateTable('steps')
    .set({ due_at: sql<Date>`now()` })
    .where('state', '=', state)
    .where('due_at', 'is not', null)
    .execute()
}
