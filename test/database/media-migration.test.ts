import fs from 'node:fs/promises'
import path from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import pg from 'pg'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { migrate } from '../../src/database/migrate.ts'
import type { Schema } from '../../src/database/schema.ts'
import { claimStep } from '../../src/videos/leases.ts'
import { getVideo } from '../../src/videos/videos.ts'
import { complete, eventsOf, stepsOf } from '../support/catalogue-rows.ts'
import { startPostgres } from '../support/postgres.ts'

const postgres = await startPostgres()
const pool = new pg.Pool({ connectionString: await postgres.createDatabase(), max: 2 })
const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
t.teardown(async () => {
  await db.destroy()
  await postgres.stop()
})

t.test('videos from before get a rendition, and are what they were meanwhile', async t => {
  const migrationFolder = path.join(import.meta.dirname, '../../migrations')
  const provider = new FileMigrationProvider({ fs, path, migrationFolder })
  const { error } = await new Migrator({ db, provider }).migrateTo('002-upload-extensions')
  t.equal(error, undefined)
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
  t.equal(await claimStep(db, 'playback', begun), undefined)

  await complete(db, ready, 'playback', { playback: 'remux' })
  t.match(await getVideo(db, ready), { status: 'ready', playback: 'remux' })
  t.same(await eventsOf(db, ready), [], 'it does not become ready a second time')
})
