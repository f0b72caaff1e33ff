import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { MachineFault, StepError } from '../../src/base/errors.ts'
import type { StepContext } from '../../src/processing/step.ts'
import { findArtifact } from '../../src/videos/catalogue/artifacts.ts'
import { deleteVideo } from '../../src/videos/catalogue/edit-video.ts'
import { getVideoRow } from '../../src/videos/catalogue/videos.ts'
import { releaseStep } from '../../src/videos/pipeline/leases.ts'
import { addVideo, claim, eventsOf, stepsOf } from '../support/catalogue-rows.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { storedFiles } from '../support/leftovers.ts'
import { heldUp, setUpWorker, stuck } from '../support/test-worker.ts'
import { until } from '../support/until.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())

t.test('a worker runs all steps of a video and stores their results', async t => {
  const { run, go } = heldUp()
  go()
  const { worker, storage, directory, workDirectory } = await setUpWorker(t, db, { audio: run })
  const id = await addVideo(db)
  worker.start()
  await until(async () => (await getVideoRow(db, id)).status === 'ready')
  const artifact = await findArtifact(db, id, 'audio')
  t.same(await storedFiles(directory, `artifacts/${id}`), [artifact?.storage_key])
  t.equal(await storage.size(artifact!.storage_key), artifact!.size)
  await until(async () => (await readdir(workDirectory)).length === 0)
  for (const step of Object.values(await stepsOf(db, id))) t.match(step, { state: 'done', attempts: 1 })
})

t.test('an event starts its step at once, and only once if it is repeated', async t => {
  let runs = 0
  const { worker, queue } = await setUpWorker(
    t,
    db,
    {
      probe: async () => {
        runs++
        return {}
      },
    },
    { sweepIntervalS: 3600 },
  )
  worker.start()
  const [id, other] = [await addVideo(db), await addVideo(db)]
  for (const video_id of [id, id, id, uuid(), other]) {
    const time = new Date().toISOString()
    await queue.publish({ id: uuid(), type: 'video.uploaded', video_id, owner: null, time })
  }
  // Either may end first: there are two lanes for each kind of step.
  for (const each of [other, id]) await until(async () => (await stepsOf(db, each)).probe.state === 'done')
  t.match((await stepsOf(db, id)).probe, { attempts: 1 })
  t.equal(runs, 2)
})

t.test('a worker that lost its lease leaves no files', async t => {
  const { run, begun, go } = heldUp()
  const { worker, directory, workDirectory, messages } = await setUpWorker(t, db, { audio: run })
  const id = await addVideo(db)
  worker.start()
  await begun
  const lost = await claim(db, id, 'audio').catch(() => undefined)
  t.equal(lost, undefined, 'no other worker can claim a step while its lease is held')
  await db
    .updateTable('steps')
    .set({ lease_token: uuid(), attempts: 2 })
    .where('video_id', '=', id)
    .where('name', '=', 'audio')
    .execute()
  go()
  await until(() => messages().some(message => message.includes('lease is lost')))
  await until(async () => (await readdir(workDirectory)).length === 0)
  t.same(await storedFiles(directory, `artifacts/${id}`), [])
  t.match(
    (await stepsOf(db, id)).audio,
    { state: 'running', attempts: 2 },
    'the new attempt is not disturbed',
  )
  t.equal(await findArtifact(db, id, 'audio'), undefined)
  await deleteVideo(db, id, null)
})

t.test('a failure after the lease was lost says nothing about the machine', async t => {
  const begun = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const { worker, messages } = await setUpWorker(t, db, {
    audio: async () => {
      begun.resolve()
      await go.promise
      throw new MachineFault('storage_full')
    },
  })
  const id = await addVideo(db)
  worker.start()
  await begun.promise
  await deleteVideo(db, id, null)
  go.resolve()
  await until(() => messages().some(message => message.includes('lease is lost')))
  t.notOk(messages().includes('this machine cannot run the step now'))
})

t.test('a step ends when its lease is lost, even while it waits', async t => {
  const begun = Promise.withResolvers<StepContext>()
  const { worker } = await setUpWorker(t, db, {
    audio: context => {
      begun.resolve(context)
      return stuck(context)
    },
  })
  const id = await addVideo(db)
  worker.start()
  const { signal, directory } = await begun.promise
  await deleteVideo(db, id, null)
  await until(() => signal.aborted)
  await until(() => !existsSync(directory))
  t.same((await eventsOf(db, id)).at(-1), 'video.deleted')
})

t.test('a worker stores no file for a video that was deleted meanwhile', async t => {
  const { run, begun, go } = heldUp()
  const { worker, directory, workDirectory, messages } = await setUpWorker(t, db, { audio: run })
  const id = await addVideo(db)
  worker.start()
  await begun
  await deleteVideo(db, id, null)
  go()
  // The attempt may still run after its directory was removed, because a deleted video needs no directory.
  await until(() => messages().some(message => message.includes('lease is lost')))
  await until(async () => (await readdir(workDirectory)).length === 0)
  t.same(await storedFiles(directory, 'artifacts'), [])
})

t.test('a stalled step is ended and retried later', async t => {
  let attempts = 0
  const { worker } = await setUpWorker(
    t,
    db,
    { probe: context => (++attempts === 1 ? stuck(context) : Promise.resolve({})) },
    { stallTimeoutS: 1 },
  )
  const id = await addVideo(db)
  worker.start()
  const waiting = await until(async () => {
    const { probe } = await stepsOf(db, id)
    return probe.error_code && probe
  })
  t.match(waiting, { state: 'pending', error_code: 'stalled', attempts: 1, lease_token: null })
  t.ok(waiting.due_at)
  await until(async () => (await getVideoRow(db, id)).status === 'ready')
  t.match((await stepsOf(db, id)).probe, { state: 'done', attempts: 2, error_code: null })
})

t.test('progress is stored, limited to 100, and keeps a slow step running', async t => {
  const { worker } = await setUpWorker(
    t,
    db,
    {
      probe: async context => {
        for (const percent of [10, 5, Number.NaN, 33.5, -7]) context.progress(percent)
        await until(async () => (await stepsOf(db, context.video.id)).probe.progress === 33.5)
        // Longer than its stall timeout: without progress it would be ended.
        const began = performance.now()
        await until(() => {
          const took = performance.now() - began
          context.progress(34 + took / 1000)
          return took > 6000
        })
        context.signal.throwIfAborted()
        context.progress(900)
        await until(async () => (await stepsOf(db, context.video.id)).probe.progress === 100)
        return {}
      },
    },
    { stallTimeoutS: 4 },
  )
  const id = await addVideo(db)
  worker.start()
  await until(async () => (await getVideoRow(db, id)).status === 'ready')
  t.match((await stepsOf(db, id)).probe, { state: 'done', attempts: 1 })
})

t.test('a worker that is stopped releases its step', async t => {
  const begun = Promise.withResolvers<StepContext>()
  const { worker, workDirectory } = await setUpWorker(t, db, {
    probe: context => {
      begun.resolve(context)
      return stuck(context)
    },
  })
  const id = await addVideo(db)
  worker.start()
  await begun.promise
  await worker.stop()
  t.match((await stepsOf(db, id)).probe, {
    state: 'pending',
    attempts: 0,
    progress: 0,
    lease_token: null,
    error_code: null,
  })
  t.same(await readdir(workDirectory), [])
  const next = await claim(db, id, 'probe')
  t.equal(next.attempt, 1, 'the next worker can claim it at once')
  await releaseStep(db, next)
})

t.test('each failure is stored with its own code', async t => {
  const passing = new StepError('storage_full', 'It is busy.', { retryable: true, retryAfter: 3000 })
  const errors: [error: unknown, step: object][] = [
    [
      new StepError('undecodable', 'It is broken.', { retryable: false }),
      { state: 'failed', error_code: 'undecodable', error_message: 'It is broken.' },
    ],
    [passing, { state: 'pending', error_code: 'storage_full' }],
    [
      new Error('connect ECONNREFUSED 10.0.0.1'),
      { state: 'pending', error_code: 'internal', error_message: /the log has the details/ },
    ],
    ['not even an error', { state: 'pending', error_code: 'internal' }],
  ]
  for (const [error, step] of errors) {
    const { worker } = await setUpWorker(
      t,
      db,
      { probe: () => Promise.reject(error) },
      { sweepIntervalS: 3600 },
    )
    const id = await addVideo(db)
    worker.start()
    const probe = await until(async () => {
      const found = (await stepsOf(db, id)).probe
      return found.error_code && found
    })
    t.match(probe, { ...step, attempts: 1 })
    await worker.stop()
  }
})

t.test('directories of crashed workers are removed, and those in use are kept', async t => {
  const { run, begun, go } = heldUp()
  const { worker, workDirectory } = await setUpWorker(t, db, { probe: run })
  const left = [join(workDirectory, uuid()), join(workDirectory, uuid(), 'deep')]
  for (const directory of left) await mkdir(directory, { recursive: true })
  await writeFile(join(left[0]!, 'audio.mp3'), 'half of it')
  await writeFile(join(workDirectory, 'stray'), 'x')
  const id = await addVideo(db)
  worker.start()
  const { directory } = await begun
  await until(async () => (await readdir(workDirectory)).length === 1)
  await mkdir(join(workDirectory, uuid()))
  await until(async () => (await readdir(workDirectory)).length === 1)
  t.same(await readdir(directory), ['made.mp3'])
  go()
  await until(async () => (await getVideoRow(db, id)).status === 'ready')
  await until(async () => (await readdir(workDirectory)).length === 0)
})
