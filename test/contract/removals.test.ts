import t from 'tap'
import { StepError } from '../../src/base/errors.ts'
import { announceObjects, removeNoted } from '../../src/objects/removals.ts'
import { deleteVideo } from '../../src/videos/catalogue/edit-video.ts'
import { recoverLost } from '../../src/videos/pipeline/losses.ts'
import { completeStep, failStep } from '../../src/videos/pipeline/steps.ts'
import { addVideo, claim, complete, expireLease, FACTS } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

await databases(t, async (t, db) => {
  /** Keys that would be removed now. */
  const removed = async () => {
    const keys: string[] = []
    await removeNoted(db, { remove: async key => void keys.push(key) })
    return keys.sort()
  }
  const probed = async () => {
    const id = await addVideo(db)
    await complete(db, id, 'probe', { facts: FACTS })
    return id
  }
  const file = (kind: 'poster' | 'storyboard', storage_key: string) =>
    ({ kind, storage_key, content_type: 'image/jpeg', size: 1, details: {} }) as const
  t.beforeEach(async () => {
    await db.deleteFrom('removals').execute()
  })

  t.test('what an attempt is about to store is left alone while the step is its own', async t => {
    const id = await probed()
    const lease = await claim(db, id, 'poster')
    await announceObjects(db, lease.token, ['artifacts/a', 'artifacts/b'])
    t.same(await removed(), [])
    await expireLease(db, lease)
    t.same(await removed(), [], 'also where it is slow, as long as nobody has taken the step')
    const artifacts = [file('poster', 'artifacts/a'), file('storyboard', 'artifacts/b')]
    t.equal(await completeStep(db, lease, { artifacts }), true)
    t.same(await removed(), [])
    t.equal((await db.selectFrom('removals').selectAll().execute()).length, 0)
  })

  t.test('what was stored by an attempt that was killed, failed or too late is removed', async t => {
    const endings: Record<string, (lease: Awaited<ReturnType<typeof claim>>) => Promise<unknown>> = {
      killed: async lease => {
        await expireLease(db, lease)
        await recoverLost(db)
        await claim(db, lease.videoId, 'poster')
        t.equal(await completeStep(db, lease, { artifacts: [file('poster', 'artifacts/killed')] }), false)
      },
      failed: lease =>
        failStep(db, lease, new StepError('undecodable', 'It is broken.', { retryable: true })),
      deleted: lease => deleteVideo(db, lease.videoId, null),
    }
    for (const [name, end] of Object.entries(endings)) {
      const lease = await claim(db, await probed(), 'poster')
      await announceObjects(db, lease.token, [`artifacts/${name}`])
      await end(lease)
      t.ok((await removed()).includes(`artifacts/${name}`), name)
    }
  })

  t.test('what a step made before goes with what takes its place', async t => {
    const id = await probed()
    const first = [file('poster', 'artifacts/1'), file('storyboard', 'artifacts/2')]
    await complete(db, id, 'poster', { artifacts: first })
    await db
      .updateTable('steps')
      .set({ state: 'pending', due_at: new Date() })
      .where('name', '=', 'poster')
      .execute()
    await complete(db, id, 'poster', { artifacts: [file('poster', 'artifacts/3')] })
    t.same(await removed(), ['artifacts/1', 'artifacts/2'])
    const rows = await db.selectFrom('artifacts').select('storage_key').where('video_id', '=', id).execute()
    t.same(rows, [{ storage_key: 'artifacts/3' }])
  })
})
