import { sql } from 'kysely'
import t from 'tap'
import { StepError } from '../../src/base/errors.ts'
import { getVideoRow } from '../../src/videos/catalogue/videos.ts'
import {
  claimStep,
  dropLeases,
  LEASE_S,
  liveTokens,
  releaseStep,
  renewLease,
} from '../../src/videos/pipeline/leases.ts'
import { recoverLost } from '../../src/videos/pipeline/losses.ts'
import { completeStep, failStep } from '../../src/videos/pipeline/steps.ts'
import { addVideo, claim, eventsOf, expireLease, FACTS, heard, stepsOf } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

const final = new StepError('undecodable', 'It is broken.', { retryable: false })
const passing = new StepError('storage_full', 'It is busy.', { retryable: true })

await databases(t, async (t, db) => {
  t.test('of many that claim a step at once, one gets it', async t => {
    const id = await addVideo(db)
    const claimed = await Promise.all(
      Array.from({ length: 10 }, () => claimStep(db, 'probe', { videoId: id })),
    )
    const [lease, ...others] = claimed.filter(Boolean)
    t.match(lease, { videoId: id, step: 'probe', attempt: 1 })
    t.same(others, [])
    t.match((await stepsOf(db, id)).probe, { state: 'running', attempts: 1, lease_token: lease!.token })
    t.ok((await liveTokens(db)).has(lease!.token))
  })

  t.test('claimers share what is due: one step each, the longest due first', async t => {
    await db.deleteFrom('videos').execute()
    const ids = [await addVideo(db)]
    // What the planner knows of the tables must not decide how many are taken.
    await sql`analyze`.execute(db)
    while (ids.length < 20) ids.push(await addVideo(db))
    const running = async () => {
      const rows = await db.selectFrom('steps').select('video_id').where('state', '=', 'running').execute()
      return rows.map(row => row.video_id)
    }
    t.equal((await claimStep(db, 'probe'))?.videoId, ids[0])
    t.same(await running(), [ids[0]], 'and no other is taken along')
    const taken = [ids[0]!]
    while (taken.length < ids.length) {
      const claimed = await Promise.all(Array.from({ length: 4 }, () => claimStep(db, 'probe')))
      taken.push(...claimed.flatMap(lease => lease?.videoId ?? []))
      t.same((await running()).sort(), taken.toSorted())
    }
    t.same(taken.toSorted(), ids.toSorted())
    t.equal(await claimStep(db, 'probe'), undefined)
  })

  t.test('what is not due cannot be claimed', async t => {
    const id = await addVideo(db)
    for (const step of ['playback', 'audio', 'poster', 'transcribe'] as const)
      t.equal(await claimStep(db, step, { videoId: id }), undefined)
    await failStep(db, await claim(db, id, 'probe'), passing)
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined, 'while it waits for its next attempt')
  })

  t.test('a lease that ran out is taken over, and the old one is worth nothing', async t => {
    const id = await addVideo(db)
    const old = await claim(db, id, 'probe')
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined, 'not before')
    await expireLease(db, old)
    t.notOk((await liveTokens(db)).has(old.token))
    await recoverLost(db)
    const taken = await claim(db, id, 'probe')
    t.equal(taken.attempt, 1, 'a lost worker is no attempt')
    t.equal(await renewLease(db, old, 50), false)
    t.equal(
      await completeStep(db, old, { facts: { ...FACTS, sha256: 'old' }, transcript: heard('old') }),
      false,
    )
    t.equal(await failStep(db, old, final), false)
    await releaseStep(db, old)
    t.match((await stepsOf(db, id)).probe, {
      state: 'running',
      attempts: 1,
      progress: 0,
      lease_token: taken.token,
    })
    t.match(await getVideoRow(db, id), { sha256: null, status: 'processing' })
    t.same(await eventsOf(db, id), ['video.uploaded'])
    t.equal(await completeStep(db, taken, { facts: FACTS }), true)
    t.equal(await completeStep(db, taken, { facts: FACTS }), false, 'and ends once')
  })

  t.test('a lease that ran out and that nobody took over still holds', async t => {
    const id = await addVideo(db)
    const lease = await claim(db, id, 'probe')
    await expireLease(db, lease)
    t.equal(await renewLease(db, lease, 42.5), true)
    const { probe } = await stepsOf(db, id)
    t.equal(probe.progress, 42.5)
    const { rows } = await sql<{
      left: number
    }>`select extract(epoch from lease_until - now())::float as left from steps where video_id = ${id} and name = 'probe'`.execute(
      db,
    )
    t.ok(rows[0]!.left > 0 && rows[0]!.left <= LEASE_S)
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined)
  })

  t.test('the start of the only process ends all leases', async t => {
    const id = await addVideo(db)
    const lease = await claim(db, id, 'probe')
    await dropLeases(db)
    t.equal((await liveTokens(db)).size, 0)
    await recoverLost(db)
    t.equal((await claim(db, id, 'probe')).attempt, 1)
    t.equal(await renewLease(db, lease, 1), false)
  })

  t.test('a step that is given back has not been begun', async t => {
    const id = await addVideo(db)
    const lease = await claim(db, id, 'probe')
    await renewLease(db, lease, 60)
    await releaseStep(db, lease)
    t.match((await stepsOf(db, id)).probe, { state: 'pending', attempts: 0, progress: 0, lease_token: null })
    t.equal((await claim(db, id, 'probe')).attempt, 1)
  })
})
