import t from 'tap'
import { v7 as uuid } from 'uuid'
import { StepError } from '../../src/base/errors.ts'
import { finishVideo, labelsOf, withNewVideo } from '../../src/videos/catalogue/new-video.ts'
import { getVideoRow } from '../../src/videos/catalogue/videos.ts'
import { claimStep, type Lease } from '../../src/videos/pipeline/leases.ts'
import { insertSteps } from '../../src/videos/pipeline/new-steps.ts'
import { PIPELINE, type Pipeline } from '../../src/videos/pipeline/pipeline.ts'
import { completeStep, failStep } from '../../src/videos/pipeline/steps.ts'
import { addUpload, stepsOf } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

/** As if the first step could work on a part of the source. */
const GROWING: Pipeline = { ...PIPELINE, probe: { ...PIPELINE.probe, needs: 'growing' } }

await databases(t, async (t, db) => {
  const announced = async () => {
    const id = uuid()
    await withNewVideo(db, { id, labels: labelsOf({}), owner: null, request_id: null }, GROWING)
      .insertInto('uploads')
      .values({ id, length: 5, metadata: '{}', request_id: null, expires_at: new Date() } as never)
      .execute()
    return id
  }
  const source = (id: string) => ({ size: 5, storage_key: `uploads/${id}`, incomplete: false })
  const claim = (videoId: string, step: 'probe' | 'audio', pipeline = GROWING): Promise<Lease | undefined> =>
    claimStep(db, step, { videoId, pipeline })
  const finish = (id: string) =>
    db.transaction().execute(async trx => {
      await insertSteps(trx, id, GROWING)
    })
  const setFinished = (id: string) =>
    db
      .updateTable('videos')
      .set({ status: 'processing', ...source(id) })
      .where('id', '=', id)
      .execute()

  t.test('every step needs the whole source today, and is due once there is one', async t => {
    t.same(new Set(Object.values(PIPELINE).map(({ needs }) => needs)), new Set(['whole']))
    const id = await addUpload(db)
    t.same(await stepsOf(db, id), {})
    await db
      .insertInto('steps')
      .values({ video_id: id, name: 'probe', due_at: new Date(0) })
      .execute()
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined, 'not while it is uploaded')
    await db.deleteFrom('steps').where('video_id', '=', id).execute()
    await db.transaction().execute(trx => finishVideo(trx, id, source(id)))
    t.ok(await claimStep(db, 'probe', { videoId: id }))
  })

  t.test('a growing step is claimed while the video is uploading, and is not repeated', async t => {
    const id = await announced()
    t.same(Object.keys(await stepsOf(db, id)), ['probe'])
    t.equal(await claim(id, 'probe', PIPELINE), undefined, 'a worker that takes it for a whole one does not')
    const lease = await claim(id, 'probe')
    t.ok(await completeStep(db, lease!, {}))
    t.equal((await getVideoRow(db, id)).status, 'uploading', 'it is not settled before its upload is')
    await setFinished(id)
    await finish(id)
    const steps = await stepsOf(db, id)
    t.equal(steps.probe.state, 'done')
    t.ok(steps.audio.due_at, 'its dependents are due')
    t.equal(steps.transcribe.due_at, null)
    t.ok(await claim(id, 'audio'))
  })

  t.test('a growing step that is under way when the upload ends goes on', async t => {
    const id = await announced()
    const lease = await claim(id, 'probe')
    await setFinished(id)
    await finish(id)
    t.match(await stepsOf(db, id), { probe: { state: 'running' }, audio: { state: 'pending', due_at: null } })
    t.ok(await completeStep(db, lease!, {}))
    t.ok((await stepsOf(db, id)).audio.due_at)
  })

  t.test('what waits for a growing step that failed is skipped, and the video is settled', async t => {
    const id = await announced()
    const lease = await claim(id, 'probe')
    await failStep(db, lease!, new StepError('unsupported_media', 'No.', { retryable: false }))
    t.equal((await getVideoRow(db, id)).status, 'uploading')
    await setFinished(id)
    await finish(id)
    t.match(await stepsOf(db, id), {
      audio: { state: 'skipped', reason: 'probe_failed' },
      transcribe: { reason: 'probe_failed' },
    })
    t.equal((await getVideoRow(db, id)).status, 'failed')
  })
})
