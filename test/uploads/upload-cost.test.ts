import { Readable } from 'node:stream'
import pg from 'pg'
import pino from 'pino'
import t, { type Test } from 'tap'
import { v7 as uuid } from 'uuid'
import { LocalSignal } from '../../src/base/signal.ts'
import { openPostgres } from '../../src/database/pg-database.ts'
import { ProcessSession } from '../../src/database/process-session.ts'
import { Reserve } from '../../src/objects/reserve.ts'
import { UploadStore } from '../../src/uploads/core/upload-store.ts'
import { PgLockMessages } from '../../src/uploads/locks/pg-lock-messages.ts'
import { PostgresLocks } from '../../src/uploads/locks/postgres-locks.ts'
import { getVideoRow } from '../../src/videos/catalogue/videos.ts'
import { startPostgres } from '../support/postgres.ts'
import { diskStorage } from '../support/storages.ts'
import { EXPIRY, TESTER } from '../support/test-uploads.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const log = pino({ level: 'silent' })
const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const url = await postgres.createDatabase()
const { db, close } = await openPostgres(url, log)
t.teardown(() => close())

/** The statements that this process sends. Those that are prepared have a name. */
const sent: { readonly name?: string; readonly text: string }[] = []
const { query } = pg.Client.prototype
pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]): never {
  const [statement] = args
  sent.push(typeof statement === 'string' ? { text: statement } : (statement as (typeof sent)[number]))
  return query.apply(this, args as never) as never
} as typeof query
t.teardown(() => {
  pg.Client.prototype.query = query
})

/** The uploads of one of several processes. */
async function openStore(t: Test): Promise<{ store: UploadStore; locks: PostgresLocks }> {
  const directory = throwAwayDirectory('upload-cost')
  const holder = uuid()
  const session = new ProcessSession(url, log)
  await session.open()
  const messages = await PgLockMessages.open(session, holder)
  const locks = new PostgresLocks({ holder, db, messages, log })
  t.teardown(async () => {
    await locks.releaseAll()
    await session.close()
  })
  const store = new UploadStore({
    db,
    bytes: diskStorage(directory).bytes,
    reserve: new Reserve(directory),
    locks,
    expiry: EXPIRY,
    limits: { maxUnfinished: 100, quota: undefined },
    signal: new LocalSignal(),
  })
  return { store, locks }
}

t.test('one of several processes creates an upload and its video with one prepared statement', async t => {
  const { store, locks } = await openStore(t)
  const labels: Record<string, string>[] = [
    { title: 'First' },
    { filename: 'second.mp4', tags: 'a,b', language: 'en' },
  ]
  for (const metadata of labels) {
    const id = uuid()
    sent.length = 0
    const create = () => store.create({ id, length: 100, metadata, uploader: TESTER })
    await locks.run(id, create, { isNew: true })
    t.match(sent, [{ name: 'insert-upload', text: /^with "video" as/ }], 'one statement')
    t.equal(sent.length, 1)
    t.match(await store.open(id), {
      id,
      length: 100,
      offset: 0,
      metadata,
      lock_holder: locks.holder,
      generation: 1,
    })
    t.match(await getVideoRow(db, id), { title: metadata['title'] ?? 'second', status: 'uploading' })
  }
})

t.test('the last bytes of an upload make a video with prepared statements', async t => {
  const { store, locks } = await openStore(t)
  const id = uuid()
  const bytes = Buffer.alloc(100)
  await locks.run(
    id,
    async () => {
      await store.create({ id, length: bytes.length, metadata: {}, uploader: TESTER })
      sent.length = 0
      await store.write(Readable.from([bytes]), id, 0)
    },
    { isNew: true },
  )
  t.same(
    sent.map(({ name, text }) => name ?? text.split(' (')[0]),
    [
      'move-offsets',
      'begin',
      'finish-upload',
      'finish-video',
      'insert-steps',
      'find-searched',
      'find-spoken',
      'insert into "video_search"',
      'insert-event',
      'insert-deliveries',
      'commit',
    ],
  )
  t.match(await getVideoRow(db, id), { size: 100, status: 'processing' })
})
