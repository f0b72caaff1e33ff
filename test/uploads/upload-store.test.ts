import { appendFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { findUpload } from '../../src/uploads/core/upload-rows.ts'
import { findVideo, getVideoRow } from '../../src/videos/catalogue/videos.ts'
import { addUpload, eventsOf } from '../support/catalogue-rows.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { failure } from '../support/failure.ts'
import { littleRoom } from '../support/little-room.ts'
import { setUpUploads, someBytes, whole } from '../support/test-uploads.ts'
import { until } from '../support/until.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())

t.test('an upload grows by its bodies, and becomes a video with the last byte', async t => {
  const { storage, store, create, write, commits } = await setUpUploads(t, db)
  const id = await create(100)
  t.match(await store.open(id), { offset: 0, length: 100 })
  t.equal(await write(id, 0, 40), 40)
  t.match(await store.open(id), { offset: 40, length: 100 })
  t.match(await findVideo(db, id), { status: 'uploading' })
  t.equal(commits(), 0)
  t.equal(await write(id, 40, 100), 100)
  t.match(await getVideoRow(db, id), { size: 100, storage_key: `uploads/${id}` })
  t.equal(commits(), 1)
  t.ok((await buffer(await storage.read(`uploads/${id}`))).equals(whole))
  t.match(await store.open(id), { offset: 100, length: 100 })
  t.same(await eventsOf(db, id), ['video.uploaded'])
})

t.test('an upload of nothing is a video at once', async t => {
  const { create } = await setUpUploads(t, db)
  t.match(await getVideoRow(db, await create(0)), { size: 0 })
})

t.test('a length that comes later finishes what has arrived by then', async t => {
  const { store, create, write } = await setUpUploads(t, db)
  const id = await create()
  await write(id, 0, 100)
  t.match(await store.open(id), { offset: 100, length: null })
  await store.declareUploadLength(id, 100)
  t.match(await store.open(id), { offset: 100, length: 100 })
  t.ok(await findVideo(db, id))
  t.match(await failure(store.declareUploadLength(id, 50)), { status: 400 })
})

t.test('what arrived before a connection broke is kept', async t => {
  const { store, create } = await setUpUploads(t, db)
  const id = await create(100)
  async function* broken() {
    yield whole.subarray(0, 60)
    throw new Error('connection reset')
  }
  t.match(await failure(store.write(Readable.from(broken()), id, 0)), { message: 'connection reset' })
  t.match(await store.open(id), { offset: 60 })
})

t.test('all bytes before a connection broke are a video all the same', async t => {
  const { store, create } = await setUpUploads(t, db)
  const id = await create(100)
  async function* broken() {
    yield whole
    throw new Error('connection reset')
  }
  await failure(store.write(Readable.from(broken()), id, 0))
  t.match(await store.open(id), { offset: 100 })
  t.ok(await findVideo(db, id))
})

t.test('bytes behind the offset are nothing, and make room for what is sent', async t => {
  const { storage, store, create, write, file } = await setUpUploads(t, db)
  const id = await create(100)
  await write(id, 0, 40)
  // As after a power cut: a size, and zeros behind what was synced.
  await appendFile(file(id), Buffer.alloc(30))
  t.match(await store.open(id), { offset: 40 })
  await write(id, 40, 70)
  t.equal(await storage.size(`uploads/${id}`), 70)
  await write(id, 70, 100)
  t.ok((await buffer(await storage.read(`uploads/${id}`))).equals(whole))
})

t.test('nor are they the rest of it, until they are known to be durable', async t => {
  const { storage, store, create, write, file } = await setUpUploads(t, db)
  const id = await create(100)
  await write(id, 0, 40)
  await appendFile(file(id), Buffer.alloc(60))
  t.match(await store.open(id), { offset: 40 })
  await store.reconcile(id)
  t.match(await findVideo(db, id), { status: 'uploading' })
  await write(id, 40, 100)
  t.ok((await buffer(await storage.read(`uploads/${id}`))).equals(whole))
})

t.test('a file that is complete and no video is finished, by a client that asks', async t => {
  const { store, create, write, leaveComplete } = await setUpUploads(t, db)
  const id = await create(100)
  await write(id, 0, 40)
  await leaveComplete(id)
  t.match(await store.open(id), { offset: 100 })
  t.match(await getVideoRow(db, id), { size: 100 })
})

t.test('a row without a file begins at nothing', async t => {
  const { store, write } = await setUpUploads(t, db)
  const id = await addUpload(db, { length: 100 })
  t.match(await store.open(id), { offset: 0, length: 100 })
  t.equal(await write(id, 0, 100), 100)
  t.ok(await findVideo(db, id))
})

t.test('what is not there is not found', async t => {
  const { store } = await setUpUploads(t, db)
  for (const call of [store.open(uuid()), store.remove(uuid())]) t.match(await failure(call), { status: 404 })
})

t.test('a writer that was replaced is told, and drops nothing', async t => {
  const { storage, store, create, write, files } = await setUpUploads(t, db)
  const id = await create(100)
  await write(id, 0, 40)
  for (const offset of [0, 10, 60]) {
    t.match(await failure(write(id, offset, offset + 20)), { status: 409, code: 'offset_conflict' })
  }
  t.match(await store.open(id), { offset: 40 })
  await write(id, 40, 100)
  t.match(await failure(write(id, 0, 20)), { status: 409 }, 'nor from a video')
  t.ok((await buffer(await storage.read(`uploads/${id}`))).equals(whole))
  await failure(write(uuid(), 0, 20))
  t.same(await files(), [id], 'and what has no row gets no file')
})

t.test('an upload that is removed leaves nothing', async t => {
  const { store, create, write, files } = await setUpUploads(t, db)
  const id = await create(100)
  await write(id, 0, 40)
  await store.remove(id)
  t.equal(await findUpload(db, id), undefined)
  t.same(await files(), [])
  const finished = await create(100)
  await write(finished, 0, 100)
  t.match(await failure(store.remove(finished)), { status: 400 }, 'and a finished one is a video')
  t.same(await files(), [finished])
})

t.test('a full disk is said to be, and the upload goes on when there is room', async t => {
  const { directory, room, enlarge } = littleRoom('full-uploads')
  const { storage, store, create } = await setUpUploads(t, db, directory)
  const large = someBytes(room + 1024 * 1024)
  const id = await create(large.length)
  t.match(
    await failure(store.write(Readable.from([large.subarray(0, room / 2), large.subarray(room / 2)]), id, 0)),
    {
      status: 507,
      code: 'storage_full',
    },
  )
  enlarge()
  const { offset } = await store.open(id)
  t.ok(offset >= room / 2)
  await store.write(Readable.from([large.subarray(offset)]), id, offset)
  t.ok((await buffer(await storage.read(`uploads/${id}`))).equals(large))
  t.ok(await findVideo(db, id))
})

t.test('a length that is declared as the offset finishes an upload, whatever stands behind it', async t => {
  const { storage, store, create, write, file } = await setUpUploads(t, db)
  const id = await create()
  await write(id, 0, 40)
  await appendFile(file(id), Buffer.alloc(30))
  await store.declareUploadLength(id, 40)
  t.match(await store.open(id), { offset: 40, length: 40 })
  t.match(await getVideoRow(db, id), { size: 40 })
  t.equal(await storage.size(`uploads/${id}`), 40)
})

t.test('while another request finishes an upload, the offset is answered after the video exists', async t => {
  const { store, locks, create, leaveComplete } = await setUpUploads(t, db)
  const id = await create(100)
  await leaveComplete(id)
  const { promise: finish, resolve } = Promise.withResolvers<void>()
  const finishing = locks.tryRun(id, async () => {
    await finish
    await store.open(id)
  })
  let isAnswered = false
  const answer = store.promiseSettledOffset(id).then(row => {
    isAnswered = true
    return row
  })
  // By then, it has read the row at least once.
  await until(async () => (await findUpload(db, id))?.promised.length)
  t.notOk(isAnswered)
  resolve()
  t.match(await answer, { offset: 100, finished_at: Date })
  t.match(await getVideoRow(db, id), { size: 100 })
  await finishing
})
