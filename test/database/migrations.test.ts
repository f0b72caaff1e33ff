import fs from 'node:fs/promises'
import path from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import pg from 'pg'
import t, { type Test } from 'tap'
import { v7 as uuid } from 'uuid'
import { EVERYTHING } from '../../src/access/access.ts'
import { migrate } from '../../src/database/migrate.ts'
import type { Schema } from '../../src/database/schema.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import { getVideo } from '../../src/videos/catalogue/videos.ts'
import { claimStep } from '../../src/videos/pipeline/leases.ts'
import { refreshStaleSearch } from '../../src/videos/search/refresh-stale.ts'
import { complete, eventsOf, stepsOf } from '../support/catalogue-rows.ts'
import { startPostgres } from '../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres.stop())

/** A database as it was after a migration. */
async function databaseAsOf(t: Test, migration: string): Promise<Kysely<Schema>> {
  const pool = new pg.Pool({ connectionString: await postgres.createDatabase({ empty: true }), max: 2 })
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  t.teardown(() => db.destroy())
  const migrationFolder = path.join(import.meta.dirname, '../../migrations')
  const provider = new FileMigrationProvider({ fs, path, migrationFolder })
  const { error } = await new Migrator({ db, provider }).migrateTo(migration)
  t.equal(error, undefined)
  return db
}

t.test('videos from before get a rendition, and are what they were meanwhile', async t => {
  const db = await databaseAsOf(t, '002-upload-extensions')
  const add = async (status: string, probe: string) => {
    const id = uuid()
    await sql`insert into videos (id, title, size, storage_key, status) values (${id}, 'Old', 1, ${`uploads/${id}`}, ${status})`.execute(
      db,
    )
    const states = {
      probe,
      audio: probe === 'done' ? 'done' : 'skipped',
      poster: 'skipped',
      transcribe: 'skipped',
    }
    for (const [name, state] of Object.entries(states))
      await sql`insert into steps (video_id, name, state) values (${id}, ${name}, ${state})`.execute(db)
    return id
  }
  const [ready, failed, begun] = [
    await add('ready', 'done'),
    await add('failed', 'failed'),
    await add('processing', 'running'),
  ]
  t.equal((await migrate(db))[0], '003-media')
  t.match(await getVideo(db, ready), { status: 'ready', playback: null, streams: [] })
  t.match((await stepsOf(db, ready)).playback, { state: 'pending', attempts: 0 })
  t.ok((await stepsOf(db, ready)).playback.due_at)
  t.match(await getVideo(db, failed), { status: 'failed' })
  t.match((await stepsOf(db, failed)).playback, { state: 'skipped', reason: 'probe_failed' })
  t.match((await stepsOf(db, begun)).playback, { state: 'pending', due_at: null })
  t.equal(await claimStep(db, 'playback', { videoId: begun }), undefined)

  await complete(db, ready, 'playback', { playback: 'remux' })
  t.match(await getVideo(db, ready), { status: 'ready', playback: 'remux' })
  t.same(await eventsOf(db, ready), [], 'it does not become ready a second time')
})

t.test('videos from before are found by what was said in them, and are nobody’s', async t => {
  const db = await databaseAsOf(t, '004-transcripts')
  const spoken = [
    ['en', 'machine', 'She was running home'],
    ['de', 'machine', 'Die Häuser am Fluss'],
    ['en', 'person', 'A corrected sentence'],
  ] as const
  const ids = Array.from({ length: 120 }, () => uuid())
  for (const [n, id] of ids.entries()) {
    await sql`insert into videos (id, title, size, storage_key, status) values (${id}, ${`Film ${n}`}, 1, ${`uploads/${id}`}, 'ready')`.execute(
      db,
    )
    const [language, origin, text] = spoken[n % 3]!
    const segments = JSON.stringify([{ start: 1, end: 2, text }])
    if (origin === 'person')
      await sql`insert into transcripts (video_id, revision, origin, language, text, segments) values (${id}, 2, 'machine', 'en', 'A wrong one', '[]')`.execute(
        db,
      )
    await sql`insert into transcripts (video_id, revision, origin, language, text, segments) values (${id}, 1, ${origin}, ${language}, ${text}, ${segments}::jsonb)`.execute(
      db,
    )
  }
  await migrate(db)
  while ((await refreshStaleSearch(db)) > 0) {
    // Until every row is of this version, as the service does it.
  }
  const find = async (q: string) => (await listVideos(db, EVERYTHING, { q, limit: 100 })).items
  t.equal((await find('run')).length, 40, 'by the stem, of all batches')
  t.match(await find('Haus'), Array(40).fill({ moments: [{ start: 1 }] }))
  t.equal((await find('corrected')).length, 40)
  t.equal((await find('wrong')).length, 0, 'a person’s text is the one that counts')
  t.match(await find('"film 119"'), [{ id: ids[119], owner: null }])
})
