import { sql } from 'kysely'
import t from 'tap'
import { pullInFarTimes } from '../../src/database/database-time.ts'
import { claimRequest } from '../../src/uploads/core/idempotent-requests.ts'
import { claimStep } from '../../src/videos/pipeline/leases.ts'
import { recoverLost } from '../../src/videos/pipeline/losses.ts'
import { claimCheck, pauseStep } from '../../src/videos/pipeline/pauses.ts'
import { addVideo } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

await databases(t, async (t, db) => {
  await t.test('what a clock has set that was days ahead does not wait for days', async t => {
    const id = await addVideo(db)
    await sql`update steps set due_at = now() + interval '8 days' where name = 'probe'`.execute(db)
    await pauseStep(db, 'transcribe', { code: 'away', message: 'away' }, 8 * 24 * 3600)
    await claimRequest(db, 'key')
    await sql`update idempotent_requests set lease_until = now() + interval '8 days'`.execute(db)
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined)
    t.equal((await claimRequest(db, 'key')).state, 'under_way')

    await pullInFarTimes(db, new Date(Date.now() - 60_000))
    t.equal((await claimRequest(db, 'key')).state, 'abandoned')
    t.equal(await claimCheck(db, 'transcribe', 1), true)
    const lease = await claimStep(db, 'probe', { videoId: id })
    t.ok(lease)
    await sql`update steps set lease_until = now() + interval '8 days' where name = 'probe'`.execute(db)
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined)
    await pullInFarTimes(db, new Date(Date.now() - 60_000))
    await recoverLost(db)
    t.ok(await claimStep(db, 'probe', { videoId: id }))
  })

  await t.test('waits that are meant stay', async t => {
    const id = await addVideo(db)
    await sql`update steps set due_at = now() + interval '2 hours' where name = 'probe'`.execute(db)
    await pullInFarTimes(db, new Date())
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined)
  })
})
