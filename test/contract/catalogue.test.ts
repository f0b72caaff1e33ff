import { readdir } from 'node:fs/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { StepError } from '../../src/base/errors.ts'
import { migrate } from '../../src/database/migrate.ts'
import { openPostgres } from '../../src/database/pg-database.ts'
import type { Schema } from '../../src/database/schema.ts'
import { STEP_NAMES } from '../../src/database/tables/steps.ts'
import { finishUpload } from '../../src/uploads/core/finish.ts'
import { setMetadata } from '../../src/uploads/core/upload-rows.ts'
import { deleteVideo, updateVideo } from '../../src/videos/catalogue/edit-video.ts'
import { findVideo, getVideo, getVideoRow, versionsOf } from '../../src/videos/catalogue/videos.ts'
import { completeStep, failStep } from '../../src/videos/pipeline/steps.ts'
import { findChunkResult, saveChunkResult } from '../../src/videos/transcripts/transcript-chunks.ts'
import { currentTranscript } from '../../src/videos/transcripts/transcripts.ts'
import { addUpload, addVideo, claim, complete, eventsOf, FACTS, heard } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'
import { failure } from '../support/failure.ts'
import { startPostgres } from '../support/postgres.ts'

const TABLES = ['videos', 'steps', 'artifacts', 'transcripts', 'transcript_chunks', 'uploads'] as const

t.test('processes that start together migrate one after the other', async t => {
  const postgres = await startPostgres()
  t.teardown(() => postgres.stop())
  const url = await postgres.createDatabase({ empty: true })
  const pools = Array.from({ length: 4 }, () => {
    const pool = new pg.Pool({ connectionString: url, max: 2 })
    // A pool has ended before its last connection is closed, and the server goes with the test.
    pool.on('error', () => {})
    return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  })
  t.teardown(() => Promise.all(pools.map(pool => pool.destroy())))
  const done = await Promise.all(pools.map(migrate))
  const names = (await readdir('migrations')).map(file => file.replace('.ts', '')).sort()
  t.same(done.flat(), names, 'each migration once')
  t.same(await migrate(pools[0]!), [])
  const log = pino({ level: 'silent' })
  const opened = await Promise.all([openPostgres(url, log), openPostgres(url, log)])
  const id = await addVideo(opened[0].db)
  t.match(await getVideo(opened[1].db, id), { id, status: 'processing' })
  await Promise.all(opened.map(database => database.close()))
})

await databases(t, async (t, db) => {
  t.test('migrations run once', async t => t.same(await migrate(db), []))

  t.test('a finished upload becomes a video with its steps and its event', async t => {
    const metadata = {
      filename: 'C:\\films\\my.holiday.mp4',
      description: 'By\nthe sea',
      language: 'pt-BR',
      other: null,
    }
    const id = await addVideo(db, { length: 5_000_000_000, metadata })
    const video = await getVideo(db, id)
    t.match(video, {
      id,
      title: 'my.holiday',
      description: 'By\nthe sea',
      language: 'pt-BR',
      filename: metadata.filename,
      size: 5_000_000_000,
      storage_key: `uploads/${id}`,
      status: 'processing',
      content_type: null,
      request_id: `request-${id}`,
      transcript: undefined,
      artifacts: [],
    })
    t.ok(video.created_at instanceof Date)
    t.same(
      video.steps.filter(step => step.due_at).map(step => step.name),
      ['probe'],
    )
    t.same(
      video.steps.map(step => step.state),
      STEP_NAMES.map(() => 'pending'),
    )
    t.same(await eventsOf(db, id), ['video.uploaded'])
  })

  t.test('a title comes from the metadata, else from the file, else there is a word for it', async t => {
    const titles: [metadata: Record<string, string | null>, title: string][] = [
      [{ title: ' Given ', filename: 'a.mp4' }, 'Given'],
      [{ title: '  ', filename: '/tmp/x/a.mp4' }, 'a'],
      [{ title: null, filename: '.mp4' }, '.mp4'],
      [{ filename: '/' }, 'Untitled'],
      [{}, 'Untitled'],
    ]
    for (const [metadata, title] of titles) {
      const { title: found } = await getVideoRow(db, await addVideo(db, { metadata }))
      t.equal(found, title)
    }
  })

  t.test('finishing ten times at once, and again later, makes one video', async t => {
    const id = await addUpload(db)
    const finished = await Promise.all(Array.from({ length: 10 }, () => finishUpload(db, id, 100)))
    t.same(new Set(finished), new Set([true]))
    t.equal(await finishUpload(db, id, 100), true)
    const { version } = await getVideoRow(db, id)
    t.equal((await getVideo(db, id)).steps.length, STEP_NAMES.length)
    t.same(await eventsOf(db, id), ['video.uploaded'])
    await setMetadata(db, id, { before: {}, metadata: { title: 'too late' } })
    await finishUpload(db, id, 100)
    t.match(await getVideoRow(db, id), { title: 'Untitled', version })
  })

  t.test('nothing is finished with another length, or that is not there', async t => {
    const [known, unknown] = [await addUpload(db), await addUpload(db, { length: null })]
    t.equal(await finishUpload(db, known, 99), false)
    t.equal(await finishUpload(db, unknown, 100), false)
    t.equal(await finishUpload(db, uuid(), 100), false)
    for (const id of [known, unknown]) {
      t.match(await findVideo(db, id), { status: 'uploading' })
      t.same(await eventsOf(db, id), [])
    }
  })

  t.test('a finish that cannot be committed leaves the upload unfinished', async t => {
    const id = await addUpload(db)
    // Without its video the statements after the upload's fail.
    await db.deleteFrom('videos').where('id', '=', id).execute()
    await t.rejects(finishUpload(db, id, 100))
    const upload = await db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    t.match(upload, { finished_at: null, offset: 0 })
    t.same(await eventsOf(db, id), [])
  })

  t.test('what is changed is changed, and the rest stays', async t => {
    const id = await addVideo(db, { metadata: { title: 'Before', description: 'Told before' } })
    const before = await getVideoRow(db, id)
    await updateVideo(db, id, { title: 'After' })
    const after = await getVideoRow(db, id)
    t.match(after, { title: 'After', description: 'Told before' })
    t.ok(after.version > before.version)
    t.same(await versionsOf(db, [id, uuid()]), new Map([[id, after.version]]))
    await updateVideo(db, id, { description: '' })
    t.match(await getVideoRow(db, id), { title: 'After', description: '' })
    t.match(await failure(updateVideo(db, uuid(), { title: 'x' })), { status: 404 })
    t.match(await failure(updateVideo(db, uuid(), { transcript: 'x' })), { status: 404 })
  })

  t.test('deleting takes every row, notes the files, and says so once', async t => {
    const [id, other] = [await addVideo(db), await addVideo(db)]
    for (const video of [id, other]) {
      const artifact = {
        kind: 'audio',
        storage_key: `artifacts/${video}/audio`,
        content_type: 'audio/mpeg',
      } as const
      await complete(db, video, 'probe', { facts: FACTS })
      await complete(db, video, 'audio', { artifacts: [{ ...artifact, size: 1, details: {} }] })
      await complete(db, video, 'transcribe', { transcript: heard('hello') })
      await saveChunkResult(db, video, 'piece', { text: 'hello' })
    }
    const rowsOf = async (video: string) => {
      const counts = TABLES.map(async table => {
        const column = table === 'videos' || table === 'uploads' ? 'id' : 'video_id'
        const { rows } = await sql<{
          n: number
        }>`select count(*)::int as n from ${sql.table(table)} where ${sql.ref(column)} = ${video}`.execute(db)
        return rows[0]!.n
      })
      return Promise.all(counts)
    }
    t.same(await rowsOf(id), [1, STEP_NAMES.length, 1, 1, 1, 1])
    await deleteVideo(db, id, 'request-9')
    t.same(await rowsOf(id), [0, 0, 0, 0, 0, 0])
    t.same(await rowsOf(other), [1, STEP_NAMES.length, 1, 1, 1, 1])
    const removals = await db
      .selectFrom('removals')
      .select('key')
      .where('key', 'like', `%${id}%`)
      .orderBy('key')
      .execute()
    t.same(
      removals.map(row => row.key),
      [`artifacts/${id}/`, `uploads/${id}`],
    )
    const last = await db
      .selectFrom('outbox')
      .selectAll()
      .where('video_id', '=', id)
      .orderBy('id', 'desc')
      .executeTakeFirst()
    t.match(last, { type: 'video.deleted', request_id: 'request-9' })
    t.match(await failure(deleteVideo(db, id, null)), { status: 404 })
    t.match(await failure(getVideo(db, id)), { status: 404 })
    t.equal(await finishUpload(db, id, 100), false, 'a replayed last byte makes no new video')
  })

  t.test('a worker that is busy with a deleted video brings nothing back', async t => {
    const id = await addVideo(db)
    const lease = await claim(db, id, 'probe')
    await deleteVideo(db, id, null)
    t.equal(await completeStep(db, lease, { facts: FACTS, transcript: heard('x') }), false)
    t.equal(await failStep(db, lease, new StepError('internal', 'x', { retryable: false })), false)
    await saveChunkResult(db, id, 'late piece', { text: 'x' })
    t.equal(await findChunkResult(db, id, 'late piece'), undefined)
    t.equal(await currentTranscript(db, id), undefined)
    t.same((await eventsOf(db, id)).at(-1), 'video.deleted')
  })

  t.test('deleting and completing at the same time ends without the video, whoever is first', async t => {
    for (let round = 0; round < 10; round++) {
      const id = await addVideo(db)
      const lease = await claim(db, id, 'probe')
      const [completed] = await Promise.all([
        completeStep(db, lease, { facts: FACTS }),
        deleteVideo(db, id, null),
      ])
      t.equal(await findVideo(db, id), undefined)
      const events = await eventsOf(db, id)
      t.equal(events.filter(type => type === 'video.probed').length, completed ? 1 : 0)
      t.equal(events.at(-1), 'video.deleted')
    }
  })
})
