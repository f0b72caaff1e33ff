import { sql } from 'kysely'
import t from 'tap'
import { StepPostponed } from '../../src/base/errors.ts'
import { claimStep, releaseStep } from '../../src/videos/pipeline/leases.ts'
import { claimCheck, findPause, pauseStep, resumeStep } from '../../src/videos/pipeline/pauses.ts'
import { addVideo, claim, stepsOf } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

const why = { code: 'speech_to_text_misconfigured' as const, message: 'The key is wrong.' }

await databases(t, async (t, db) => {
  t.test('a step that is paused is begun by nobody, until it goes on; others are', async t => {
    const id = await addVideo(db)
    t.equal(await pauseStep(db, 'probe', why, 10), true)
    t.equal(await pauseStep(db, 'probe', { ...why, message: 'Another.' }, 10), false, 'once')
    t.match(await findPause(db, 'probe'), { ...why, checks: 0 })
    t.equal(await findPause(db, 'audio'), undefined)
    t.equal(await claimStep(db, 'probe'), undefined)
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined)
    await db.updateTable('steps').set({ due_at: new Date() }).where('name', '=', 'audio').execute()
    t.match(await claimStep(db, 'audio', { videoId: id }), { videoId: id })
    t.equal(await resumeStep(db, 'probe'), true)
    t.equal(await resumeStep(db, 'probe'), false)
    t.match(await claimStep(db, 'probe', { videoId: id }), { attempt: 1 })
  })

  t.test('a step that is given back waits, says why, and has lost no attempt', async t => {
    const id = await addVideo(db)
    await releaseStep(db, await claim(db, id, 'probe'), new StepPostponed(why.code, why.message, 100))
    t.match((await stepsOf(db, id)).probe, {
      state: 'pending',
      attempts: 0,
      error_code: why.code,
      error_message: why.message,
    })
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined)
    await db.updateTable('steps').set({ due_at: new Date() }).where('video_id', '=', id).execute()
    t.match(await claimStep(db, 'probe', { videoId: id }), { attempt: 1 })
  })

  t.test('of any number of workers one checks, after waits that grow to five minutes', async t => {
    const due = () => db.updateTable('pauses').set({ next_check_at: sql<Date>`now()` }).execute()
    t.equal(await claimCheck(db, 'poster', 5), false, 'there is nothing to look at')
    await pauseStep(db, 'poster', why, 5)
    t.equal(await claimCheck(db, 'poster', 5), false, 'it is too early')
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      await due()
      const claims = await Promise.all(Array.from({ length: 5 }, () => claimCheck(db, 'poster', 5)))
      t.equal(claims.filter(Boolean).length, 1)
      const { wait } = await db
        .selectFrom('pauses')
        .select(sql<number>`extract(epoch from next_check_at - now())::float8`.as('wait'))
        .executeTakeFirstOrThrow()
      waits.push(wait)
    }
    for (const [index, wait] of [10, 20, 40, 80, 160, 300, 300, 300].entries())
      t.ok(Math.abs(waits[index]! - wait) < 5, `${waits[index]} s, not ${wait} s`)
    t.match(await findPause(db, 'poster'), { checks: 8 })
    await db.updateTable('pauses').set({ checks: 2_000_000_000 }).execute()
    await due()
    t.equal(await claimCheck(db, 'poster', 5), true)
  })
})
