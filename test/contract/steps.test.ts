import { sql } from 'kysely'
import t from 'tap'
import { StepError } from '../../src/base/errors.ts'
import { STEP_NAMES, type StepName } from '../../src/database/tables/steps.ts'
import { getVideoRow } from '../../src/videos/catalogue/videos.ts'
import { claimStep } from '../../src/videos/pipeline/leases.ts'
import { backoff, MAX_ATTEMPTS } from '../../src/videos/pipeline/pipeline.ts'
import { retrySteps } from '../../src/videos/pipeline/retry.ts'
import { completeStep, failStep } from '../../src/videos/pipeline/steps.ts'
import { addVideo, claim, complete, eventsOf, FACTS, heard, stepsOf } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'
import { failure } from '../support/failure.ts'

const final = new StepError('undecodable', 'It is broken.', { retryable: false })
const passing = new StepError('storage_full', 'It is busy.', { retryable: true })

await databases(t, async (t, db) => {
  const reasons = async (id: string) =>
    Object.fromEntries(
      Object.values(await stepsOf(db, id)).map(step => [step.name, step.reason ?? step.state]),
    )
  /** Makes a step that waits for its next attempt due now. */
  const dueNow = (id: string, name: StepName) =>
    db
      .updateTable('steps')
      .set({ due_at: sql<Date>`now()` })
      .where('video_id', '=', id)
      .where('name', '=', name)
      .execute()

  t.test('each step makes those behind it due, tells the world, and the last settles the video', async t => {
    const id = await addVideo(db)
    const due = async () =>
      Object.values(await stepsOf(db, id))
        .filter(step => step.state === 'pending' && step.due_at)
        .map(step => step.name)
        .sort()
    t.same(await due(), ['probe'])
    await complete(db, id, 'probe', { facts: FACTS })
    t.same(await due(), ['audio', 'playback', 'poster'])
    t.match(await getVideoRow(db, id), { ...FACTS, status: 'processing' })
    const artifact = {
      kind: 'audio',
      storage_key: 'artifacts/x',
      content_type: 'audio/mpeg',
      size: 7,
      details: { duration: 2 },
    } as const
    await complete(db, id, 'audio', { artifacts: [artifact] })
    t.same(await due(), ['playback', 'poster', 'transcribe'])
    await complete(db, id, 'transcribe', {
      transcript: heard('hello', [{ start: 0, end: 1, text: 'hello' }]),
    })
    await complete(db, id, 'playback', { playback: 'remux' })
    t.match(await getVideoRow(db, id), { status: 'processing', playback: 'remux' })
    await complete(db, id, 'poster')
    t.equal((await getVideoRow(db, id)).status, 'ready')
    t.same(await eventsOf(db, id), [
      'video.uploaded',
      'video.probed',
      'video.audio_extracted',
      'video.transcribed',
      'video.ready',
    ])
    const events = await db.selectFrom('outbox').select('request_id').where('video_id', '=', id).execute()
    t.same(new Set(events.map(event => event.request_id)), new Set([`request-${id}`]))
    for (const step of Object.values(await stepsOf(db, id)))
      t.match(step, { state: 'done', progress: 100, lease_token: null })
  })

  t.test('an artifact made again replaces the one before', async t => {
    const id = await addVideo(db)
    const artifact = { kind: 'audio', content_type: 'audio/mpeg', size: 7, details: {} } as const
    await complete(db, id, 'probe', { artifacts: [{ ...artifact, storage_key: 'artifacts/1' }] })
    await complete(db, id, 'audio', { artifacts: [{ ...artifact, storage_key: 'artifacts/2', size: 8 }] })
    const rows = await db.selectFrom('artifacts').selectAll().where('video_id', '=', id).execute()
    t.match(rows, [{ storage_key: 'artifacts/2', size: 8 }])
    t.equal(rows.length, 1)
  })

  t.test('what has nothing to do is skipped, with the steps behind it and the reason', async t => {
    const mute = await addVideo(db)
    await complete(db, mute, 'probe', { facts: FACTS, skip: { audio: 'no_audio' } })
    t.same(await reasons(mute), {
      probe: 'done',
      audio: 'no_audio',
      transcribe: 'no_audio',
      poster: 'pending',
      playback: 'pending',
    })
    await complete(db, mute, 'playback')
    await complete(db, mute, 'poster')
    t.equal((await getVideoRow(db, mute)).status, 'ready')
    const silent = await addVideo(db)
    await complete(db, silent, 'probe', { skip: { poster: 'no_video' } })
    await complete(db, silent, 'playback')
    await complete(db, silent, 'audio', { skipped: 'silent' })
    t.same(await reasons(silent), {
      probe: 'done',
      audio: 'silent',
      transcribe: 'silent',
      poster: 'no_video',
      playback: 'done',
    })
    t.same(await eventsOf(db, silent), ['video.uploaded', 'video.probed', 'video.ready'])
  })

  t.test('a source that cannot be used fails the video, and nothing else is tried', async t => {
    const id = await addVideo(db)
    t.equal(await failStep(db, await claim(db, id, 'probe'), final), true)
    t.same(await reasons(id), {
      probe: 'failed',
      audio: 'probe_failed',
      poster: 'probe_failed',
      playback: 'probe_failed',
      transcribe: 'probe_failed',
    })
    t.match(await getVideoRow(db, id), {
      status: 'failed',
      error_code: 'undecodable',
      error_message: 'It is broken.',
    })
    t.same(await eventsOf(db, id), ['video.uploaded', 'video.failed'])
  })

  t.test('a failure that may pass is tried again after a growing wait, and then is final', async t => {
    const id = await addVideo(db)
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const lease = await claim(db, id, 'probe')
      t.equal(lease.attempt, attempt)
      const asked = new StepError('storage_full', 'It is busy.', {
        retryable: true,
        ...(attempt === 2 && { retryAfter: 3000 }),
      })
      await failStep(db, lease, asked)
      const { probe } = await stepsOf(db, id)
      t.match(probe, {
        state: attempt < MAX_ATTEMPTS ? 'pending' : 'failed',
        error_code: 'storage_full',
        lease_token: null,
      })
      if (attempt === MAX_ATTEMPTS) break
      const { rows } = await sql<{
        wait: number
      }>`select extract(epoch from s.due_at - v.updated_at)::float as wait from steps s join videos v on v.id = s.video_id where v.id = ${id} and s.name = 'probe'`.execute(
        db,
      )
      t.equal(Math.round(rows[0]!.wait), attempt === 2 ? 3000 : backoff(attempt))
      await dueNow(id, 'probe')
    }
    t.equal((await getVideoRow(db, id)).status, 'failed')
    t.equal(await claimStep(db, 'probe', { videoId: id }), undefined)
  })

  t.test('success forgets the failures before it', async t => {
    const id = await addVideo(db)
    await failStep(db, await claim(db, id, 'probe'), passing)
    await dueNow(id, 'probe')
    await complete(db, id, 'probe', { facts: FACTS })
    t.match((await stepsOf(db, id)).probe, {
      state: 'done',
      attempts: 2,
      error_code: null,
      error_message: null,
    })
  })

  t.test('steps that end at the same time settle the video once', async t => {
    for (let round = 0; round < 10; round++) {
      const id = await addVideo(db)
      await complete(db, id, 'probe', { facts: FACTS })
      await complete(db, id, 'audio')
      await complete(db, id, 'playback')
      const poster = await claim(db, id, 'poster')
      const transcribe = await claim(db, id, 'transcribe')
      const ended = await Promise.all([
        completeStep(db, poster, {}),
        round % 2 ? failStep(db, transcribe, final) : completeStep(db, transcribe, {}),
      ])
      t.same(ended, [true, true])
      t.equal((await getVideoRow(db, id)).status, 'ready')
      t.equal((await eventsOf(db, id)).filter(type => type === 'video.ready').length, 1)
    }
  })

  t.test('a retry begins with what failed, and goes on behind it', async t => {
    const id = await addVideo(db)
    await complete(db, id, 'probe', { facts: FACTS })
    await complete(db, id, 'poster')
    await complete(db, id, 'playback')
    await failStep(db, await claim(db, id, 'audio'), final)
    t.match(await getVideoRow(db, id), { status: 'ready', error_code: null })
    t.same((await retrySteps(db, id)).sort(), ['audio', 'transcribe'])
    const { audio, transcribe, probe, poster } = await stepsOf(db, id)
    t.match(audio, { state: 'pending', attempts: 0, error_code: null, reason: null })
    t.ok(audio.due_at)
    t.match(transcribe, { state: 'pending', due_at: null, reason: null })
    t.match([probe, poster], [{ state: 'done' }, { state: 'done' }])
    t.equal((await getVideoRow(db, id)).status, 'processing')
    t.equal(await claimStep(db, 'transcribe', { videoId: id }), undefined)
    await complete(db, id, 'audio')
    await complete(db, id, 'transcribe', { skipped: 'not_configured' })
    t.equal((await getVideoRow(db, id)).status, 'ready')
    t.same(await retrySteps(db, id), ['transcribe'])
    await complete(db, id, 'transcribe', { transcript: heard('at last') })
    t.equal((await getVideoRow(db, id)).status, 'ready')
    t.same(await retrySteps(db, id), [])
    t.equal((await getVideoRow(db, id)).status, 'ready', 'and stays so where there is nothing to try')
  })

  t.test('one step is run again alone, also where it is done', async t => {
    const id = await addVideo(db)
    await complete(db, id, 'probe', { facts: FACTS, skip: { audio: 'no_audio' } })
    t.same(await retrySteps(db, id, 'poster'), [], 'not while it is due anyway')
    await complete(db, id, 'poster')
    await complete(db, id, 'playback')
    t.same(await retrySteps(db, id, 'poster'), ['poster'])
    t.same(await reasons(id), {
      ...{ probe: 'done', playback: 'done', poster: 'pending' },
      ...{ audio: 'no_audio', transcribe: 'no_audio' },
    })
    t.equal((await getVideoRow(db, id)).status, 'processing')
    await complete(db, id, 'poster')
    t.equal((await getVideoRow(db, id)).status, 'ready')
    t.match(await failure(retrySteps(db, id, 'transcribe')), {
      status: 409,
      code: 'step_not_possible',
      field: 'step',
    })
    t.equal((await getVideoRow(db, id)).status, 'ready', 'and nothing changed')
  })

  t.test('a retry of a video that failed begins at the beginning', async t => {
    const id = await addVideo(db)
    await failStep(db, await claim(db, id, 'probe'), final)
    t.same((await retrySteps(db, id)).sort(), [...STEP_NAMES].sort())
    t.match(await getVideoRow(db, id), { status: 'processing', error_code: null, error_message: null })
    for (const name of STEP_NAMES) t.equal((await stepsOf(db, id))[name].due_at !== null, name === 'probe')
  })
})
