import { type Kysely, sql } from 'kysely'
import t from 'tap'
import type { Schema } from '../../src/database/schema.ts'
import { removeNoted } from '../../src/objects/removals.ts'
import { usedBytes } from '../../src/uploads/core/allowance.ts'
import { finishUpload } from '../../src/uploads/core/finish.ts'
import { findUpload } from '../../src/uploads/core/upload-rows.ts'
import { binVideo, deleteBinned, restoreVideo } from '../../src/videos/catalogue/bin.ts'
import { listBin } from '../../src/videos/catalogue/bin-list.ts'
import { deleteDue } from '../../src/videos/catalogue/bin-sweeper.ts'
import { binTotals } from '../../src/videos/catalogue/bin-totals.ts'
import { deleteVideo, updateVideo } from '../../src/videos/catalogue/edit-video.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import { findVideo, getVideo, versionsOf } from '../../src/videos/catalogue/videos.ts'
import { claimStep, renewLease } from '../../src/videos/pipeline/leases.ts'
import { recoverLost, reviveGivenUp } from '../../src/videos/pipeline/losses.ts'
import { retrySteps } from '../../src/videos/pipeline/retry.ts'
import { completeStep } from '../../src/videos/pipeline/steps.ts'
import { restoreRevision } from '../../src/videos/transcripts/transcript-edits.ts'
import {
  addUpload,
  addVideo,
  claim,
  complete,
  eventsOf,
  FACTS,
  heard,
  stepsOf,
} from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'
import { failure } from '../support/failure.ts'

const ALL = { all: true, owner: null }
const ANN = { all: false, owner: 'ann' }

/** As if a video had been in the bin for so many days. */
async function age(db: Kysely<Schema>, id: string, days: number): Promise<void> {
  await db
    .updateTable('all_videos')
    .set({ binned_at: sql<Date>`now() - ${days} * interval '1 day'` })
    .where('id', '=', id)
    .execute()
}

const now = async (db: Kysely<Schema>) =>
  (await sql<{ now: Date }>`select now() as now`.execute(db)).rows[0]!.now

await databases(t, async (t, db) => {
  t.beforeEach(async () => {
    await db.deleteFrom('all_videos').execute()
    await db.deleteFrom('all_uploads').execute()
    await db.deleteFrom('removals').execute()
  })
  const found = async (q: string) => (await listVideos(db, ALL, { limit: 9, q })).items.map(({ id }) => id)

  t.test('a video in the bin exists for no reader, and is as it was when it is restored', async t => {
    const id = await addVideo(db, { metadata: { title: 'Walrus film', tags: 'sea' }, owner: 'ann' })
    await complete(db, id, 'probe', { facts: FACTS })
    await complete(db, id, 'audio', {
      artifacts: [{ kind: 'audio', storage_key: 'a', content_type: 'audio/mpeg', size: 1, details: {} }],
    })
    await complete(db, id, 'transcribe', { transcript: heard('hello walrus') })
    const before = await getVideo(db, id)
    t.same(await found('walrus'), [id])
    await binVideo(db, id, 'request-1')
    t.equal(await findVideo(db, id), undefined)
    t.equal(await findUpload(db, id), undefined, 'nor does its upload exist')
    t.equal((await versionsOf(db, [id])).size, 0, 'watchers are told that it is gone')
    t.same((await listVideos(db, ALL, { limit: 9 })).items, [])
    t.same((await listVideos(db, ANN, { limit: 9, tag: 'sea' })).items, [])
    t.same(await found('walrus'), [])
    for (const attempt of [
      () => updateVideo(db, id, { title: 'x' }),
      () => updateVideo(db, id, { transcript: 'x' }),
      () => retrySteps(db, id),
      () => binVideo(db, id, null),
      () => deleteVideo(db, id, null),
      () => restoreRevision(db, id, 1, {}).then(() => {}),
    ])
      t.match(await failure(attempt()), { status: 404 }, String(attempt))
    t.equal(await finishUpload(db, id, 100), false, 'a replayed last byte brings nothing back')
    t.same((await eventsOf(db, id)).at(-1), 'video.deleted')
    await removeNoted(db, { remove: async key => void t.fail(`${key} was removed`) })

    await restoreVideo(db, id, 'request-2')
    const { version, updated_at, steps, ...after } = await getVideo(db, id)
    t.match(before, after, 'nothing is lost')
    t.ok(version > before.version, 'watchers see a change')
    t.ok(updated_at >= before.updated_at)
    t.equal(steps.find(({ name }) => name === 'transcribe')!.state, 'done')
    t.same(await found('walrus'), [id])
    t.ok((await findUpload(db, id))?.finished_at)
    t.same((await eventsOf(db, id)).at(-1), 'video.restored')
    await restoreVideo(db, id, null)
    t.same(
      (await eventsOf(db, id)).filter(type => type === 'video.restored').length,
      1,
      'repeating it is idle',
    )
  })

  t.test('an upload in progress has no place in the bin', async t => {
    const id = await addUpload(db)
    t.match(await failure(binVideo(db, id, null)), { status: 404 })
    t.equal((await findVideo(db, id))?.status, 'uploading')
  })

  t.test('work on it stops, and continues when it is restored', async t => {
    const id = await addVideo(db)
    await complete(db, id, 'probe', { facts: FACTS })
    const lease = await claim(db, id, 'poster')
    await claim(db, id, 'audio')
    await binVideo(db, id, null)
    t.equal(await renewLease(db, lease, 50), false, 'the worker loses its lease')
    t.equal(await completeStep(db, lease, {}), false, 'and its result')
    for (const step of ['playback', 'poster', 'audio', 'transcribe'] as const)
      t.equal(await claimStep(db, step), undefined, `${step} is not due`)
    await recoverLost(db)
    t.equal((await stepsOf(db, id)).audio.losses, 0, 'no worker counts as lost')
    await restoreVideo(db, id, null)
    t.match(await stepsOf(db, id), {
      probe: { state: 'done' },
      poster: { state: 'pending', attempts: 0 },
      audio: { state: 'pending', attempts: 0 },
      transcribe: { state: 'pending', due_at: null },
    })
    t.equal(await completeStep(db, lease, {}), false, 'the old worker stays without')
    for (const step of ['playback', 'poster', 'audio'] as const) await complete(db, id, step)
    await complete(db, id, 'transcribe')
    t.equal((await getVideo(db, id)).status, 'ready')
  })

  t.test('a step that waits after lost workers waits in the bin too', async t => {
    const id = await addVideo(db)
    await db
      .updateTable('steps')
      .set({ state: 'failed', error_code: 'worker_lost', due_at: new Date(0) })
      .where('video_id', '=', id)
      .where('name', '=', 'probe')
      .execute()
    await binVideo(db, id, null)
    await reviveGivenUp(db)
    t.equal((await stepsOf(db, id)).probe.state, 'failed')
    await restoreVideo(db, id, null)
    await reviveGivenUp(db)
    t.ok(await claimStep(db, 'probe', { videoId: id }))
  })

  t.test('it counts in the quota until it is deleted permanently', async t => {
    const id = await addVideo(db, { owner: 'ann', length: 700 })
    await binVideo(db, id, null)
    t.equal(await usedBytes(db, 'ann'), 700)
    t.same(await binTotals(db, ANN), { videos: 1, bytes: 700 })
    t.same(await binTotals(db, { all: false, owner: 'bob' }), { videos: 0, bytes: 0 })
    await deleteVideo(db, id, null, undefined, 'all_videos')
    t.equal(await usedBytes(db, 'ann'), 0)
    t.same(await db.selectFrom('all_uploads').select('id').execute(), [])
    t.same((await eventsOf(db, id)).filter(type => type === 'video.deleted').length, 1, 'told once')
    const keys = await db.selectFrom('removals').select('key').orderBy('key').execute()
    t.same(
      keys.map(({ key }) => key),
      [`artifacts/${id}/`, `uploads/${id}`],
    )
    t.match(await failure(restoreVideo(db, id, null)), { status: 404 })
  })

  t.test('conditions hold for the bin', async t => {
    const id = await addVideo(db)
    const wrong = { oneOf: ['another'] }
    const other = await failure(binVideo(db, id, null, wrong))
    t.match(other, { status: 412 })
    await binVideo(db, id, null)
    t.match(await failure(restoreVideo(db, id, null, wrong)), { status: 412 })
    t.match(await failure(deleteVideo(db, id, null, wrong, 'all_videos')), { status: 412 })
    t.equal((await binTotals(db, ALL)).videos, 1)
  })

  t.test('the sweeper deletes what is due, the oldest first, and nothing else', async t => {
    const ids: string[] = []
    for (const days of [31, 30, 29, 0]) {
      const id = await addVideo(db)
      await binVideo(db, id, null)
      await age(db, id, days)
      ids.push(id)
    }
    const live = await addVideo(db)
    t.equal(await deleteDue(db, await now(db), 30), 2)
    t.equal(await deleteDue(db, await now(db), 30), 0)
    const left = await db.selectFrom('all_videos').select('id').orderBy('id').execute()
    t.same(
      left.map(({ id }) => id),
      [...ids.slice(2), live].sort(),
    )
    t.equal(await deleteDue(db, await now(db), 0), 2, 'without a bin, all of it')
    t.ok(await findVideo(db, live))
    t.equal((await db.selectFrom('removals').select('key').execute()).length, 8)
  })

  t.test('it finds what is due by an index, however full the bin is', async t => {
    await sql`
      insert into all_videos (id, title, size, storage_key, status, binned_at)
      select gen_random_uuid(), 'x', 1, 'x', 'ready', case when n % 2 = 0 then now() end
      from generate_series(1, 20000) as n`.execute(db)
    await sql`analyze all_videos`.execute(db)
    const plan = async (query: ReturnType<typeof sql>) =>
      JSON.stringify((await sql`explain ${query}`.execute(db)).rows)
    const due = sql`select id from all_videos where binned_at is not null and binned_at <= now() - interval '30 days'
      order by binned_at limit 100 for update skip locked`
    t.match(await plan(due), /all_videos_bin/)
    const list = sql`select id from videos where videos.status <> 'uploading' order by created_at desc, id desc limit 21`
    t.match(await plan(list), /videos_created_at/, 'and a list skips the bin')
    t.notMatch(await plan(list), /Filter/)
  })

  t.test('pages of the bin neither skip nor repeat', async t => {
    const ids: string[] = []
    for (let n = 0; n < 5; n++) ids.push(await addVideo(db, { owner: 'ann' }))
    for (const id of ids) await binVideo(db, id, null)
    await db
      .updateTable('all_videos')
      .set({ binned_at: new Date(5000) })
      .where('id', 'in', ids.slice(0, 3))
      .execute()
    await binVideo(db, await addVideo(db, { owner: 'bob' }), null)
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listBin(db, ANN, { limit: 2, cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    t.same(seen, [...ids.slice(3).reverse(), ...ids.slice(0, 3).reverse()])
    for (const cursor of ['x', '', Buffer.from('["0000-01-01T00:00:00.000Z","x"]').toString('base64url')])
      t.match(await failure(listBin(db, ANN, { limit: 2, cursor })), { status: 400, field: 'cursor' })
  })

  t.test('restoring and deleting permanently at the same time: the row decides', async t => {
    const ends = [
      (id: string) => deleteVideo(db, id, null, undefined, 'all_videos'),
      (id: string) => deleteBinned(db, sql<boolean>`id = ${id}`, 10),
      () => deleteDue(db, new Date(Date.now() + 40 * 86_400_000), 30),
    ]
    for (const end of ends)
      for (let round = 0; round < 6; round++) {
        const id = await addVideo(db)
        await binVideo(db, id, null)
        await db.deleteFrom('removals').execute()
        const [restored] = await Promise.allSettled([restoreVideo(db, id, null), end(id)])
        const video = await findVideo(db, id)
        const { rows } = await sql`select from removals where key like ${`%${id}%`}`.execute(db)
        t.ok(video ? rows.length === 0 : rows.length === 2, 'files go exactly if the video does')
        if (restored.status === 'rejected') t.equal(video, undefined)
        t.equal((await findUpload(db, id)) !== undefined, video !== undefined)
      }
  })

  t.test('a video goes to the bin while its step ends: whoever is first', async t => {
    for (let round = 0; round < 8; round++) {
      const id = await addVideo(db)
      const lease = await claim(db, id, 'probe')
      const [completed] = await Promise.all([
        completeStep(db, lease, { facts: FACTS }),
        binVideo(db, id, null),
        claimStep(db, 'probe'),
      ])
      t.equal((await eventsOf(db, id)).at(-1), 'video.deleted')
      const { rows } =
        await sql`select from steps where video_id = ${id} and (due_at is not null or state = 'running')`.execute(
          db,
        )
      t.equal(rows.length, 0, 'nothing is due')
      await restoreVideo(db, id, null)
      t.equal((await stepsOf(db, id)).probe.state, completed ? 'done' : 'pending')
    }
  })
})
