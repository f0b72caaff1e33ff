import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { LocalSignal } from '../../src/base/signal.ts'
import { Reserve } from '../../src/objects/reserve.ts'
import { UploadStore } from '../../src/uploads/core/upload-store.ts'
import { MemoryLocks } from '../../src/uploads/locks/memory-locks.ts'
import { binVideo } from '../../src/videos/catalogue/bin.ts'
import { getVideoRow } from '../../src/videos/catalogue/videos.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { failure } from '../support/failure.ts'
import { diskStorage } from '../support/storages.ts'
import { EXPIRY, setUpUploads, whole } from '../support/test-uploads.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())

/** Two stores over one database and one directory, as two processes have them, and an upload of which the first has written 40 bytes. */
async function setUpTwo(t: Parameters<typeof setUpUploads>[0]) {
  const directory = throwAwayDirectory('several')
  const { storage, store, create, write } = await setUpUploads(t, db, directory)
  const parts = {
    db,
    locks: new MemoryLocks(),
    reserve: new Reserve(directory),
    expiry: EXPIRY,
    limits: { maxUnfinished: 100, quota: undefined },
    signal: new LocalSignal(),
  }
  const other = new UploadStore({ ...parts, bytes: diskStorage(directory).bytes })
  const writeOther = async (id: string, from: number, to: number) =>
    (await other.write(Readable.from([whole.subarray(from, to)]), id, from)).offset
  const id = await create(100)
  await write(id, 0, 40)
  return { storage, store, other, write, writeOther, id }
}

t.test('what another process has written since counts', async t => {
  const { storage, store, write, writeOther, id } = await setUpTwo(t)
  await writeOther(id, 40, 60)
  t.match(await failure(store.write(Readable.from([Buffer.alloc(60)]), id, 40)), {
    status: 409,
    code: 'offset_conflict',
  })
  t.match(await store.open(id), { offset: 60 })
  t.equal(await write(id, 60, 80), 80)
  t.equal(await writeOther(id, 80, 100), 100)
  t.ok((await buffer(await storage.read(`uploads/${id}`))).equals(whole), 'and none of it is touched')
  t.match(await getVideoRow(db, id), { size: 100 })
})

t.test('an upload that another process has removed is gone', async t => {
  const { store, other, write, id } = await setUpTwo(t)
  await other.remove(id)
  t.match(await failure(store.open(id)), { status: 404 })
  t.match(await failure(write(id, 40, 60)), { status: 404 })
})

t.test('an upload that another process has finished is finished', async t => {
  const { store, writeOther, id } = await setUpTwo(t)
  await writeOther(id, 40, 100)
  t.match(await store.open(id), { offset: 100, finished_at: Date })
})

t.test('late bytes of a writer are removed when another process has ended the upload long ago', async t => {
  for (const [name, end, expected] of [
    ['removed', 'remove', (id: string) => [`uploads/${id}`, `uploads/${id}.more/`, `uploads/${id}.whole`]],
    ['finished', 'finish', (id: string) => [`uploads/${id}.more/`, `uploads/${id}.whole`]],
    ['in the bin', 'bin', (id: string) => [`uploads/${id}.more/`, `uploads/${id}.whole`]],
  ] as const) {
    const { store, other, writeOther, id } = await setUpTwo(t)
    const begun = Promise.withResolvers<void>()
    const thaw = Promise.withResolvers<void>()
    async function* frozen() {
      yield whole.subarray(40, 50)
      begun.resolve()
      await thaw.promise
      yield whole.subarray(50, 60)
    }
    const late = failure(store.write(Readable.from(frozen()), id, 40))
    await begun.promise
    if (end === 'remove') await other.remove(id)
    else await writeOther(id, 40, 100)
    if (end === 'bin') await binVideo(db, id, null)
    await db.deleteFrom('removals').execute()
    thaw.resolve()
    t.match(await late, { status: 409 })
    const noted = await db.selectFrom('removals').select('key').orderBy('key').execute()
    t.same(
      noted.map(({ key }) => key),
      expected(id),
      name,
    )
  }
})

t.test('a row that says something else than it did ends a writer', async t => {
  const { store, write, id } = await setUpTwo(t)
  // As of a process that has written, and whose bytes this one does not see.
  await db.updateTable('uploads').set({ offset: 50 }).where('id', '=', id).execute()
  t.match(await failure(write(id, 40, 60)), { status: 409, code: 'offset_conflict' })
  t.match(await store.open(id), { offset: 50 }, 'and what it says counts from then on')
})
