import { rm, truncate } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import t from 'tap'
import { noteRemoval, removeNoted } from '../../src/objects/removals.ts'
import { findUpload } from '../../src/uploads/core/upload-rows.ts'
import { deleteVideo } from '../../src/videos/catalogue/edit-video.ts'
import { findVideo } from '../../src/videos/catalogue/videos.ts'
import { eventsOf } from '../support/catalogue-rows.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { failure } from '../support/failure.ts'
import { holdLock } from '../support/hold-lock.ts'
import { storedFiles } from '../support/leftovers.ts'
import { EXPIRY, setUpUploads, TESTER, whole } from '../support/test-uploads.ts'
import { until } from '../support/until.ts'

const database = await openEmbeddedDatabase()
const { db } = database
t.teardown(() => database.close())

const expire = (id: string) =>
  db
    .updateTable('uploads')
    .set({ expires_at: sql<Date>`now() - interval '1 second'` })
    .where('id', '=', id)
    .execute()

t.test('a file that is complete and no video is finished, also where nobody asks', async t => {
  const { sweeper, create, write, leaveComplete, commits } = await setUpUploads(t, db)
  const [complete, half, empty] = [await create(100), await create(100), await create(100)]
  await leaveComplete(complete)
  await write(half, 0, 40)
  sweeper.start()
  await until(() => findVideo(db, complete))
  await until(async () => (await findUpload(db, complete))?.finished_at)
  t.same(await eventsOf(db, complete), ['video.uploaded'])
  await sweeper.stop()
  for (const id of [half, empty]) t.match(await findVideo(db, id), { status: 'uploading' })
  t.equal(commits(), 1)
})

t.test('many that finish an upload at once make one video', async t => {
  const { store, create, leaveComplete } = await setUpUploads(t, db)
  const id = await create(100)
  await leaveComplete(id)
  await Promise.all([
    ...Array.from({ length: 5 }, () => store.reconcile(id)),
    ...Array.from({ length: 5 }, () => store.open(id)),
  ])
  t.same(await eventsOf(db, id), ['video.uploaded'])
})

t.test('nobody finishes what somebody writes to', async t => {
  const { locks, store, create, leaveComplete } = await setUpUploads(t, db)
  const id = await create(100)
  await leaveComplete(id)
  const writer = await holdLock(locks, id)
  await store.reconcile(id)
  t.match(await findVideo(db, id), { status: 'uploading' })
  await writer.end()
  await store.reconcile(id)
  t.ok(await findVideo(db, id))
})

t.test('bytes that were lost are said to be', async t => {
  const { store, sweeper, create, write, file, leaveComplete, lines } = await setUpUploads(t, db)
  const [shorter, gone] = [await create(100), await create(100)]
  for (const id of [shorter, gone]) await write(id, 0, 40)
  await truncate(file(shorter), 39)
  await rm(file(gone))
  for (const id of [shorter, gone])
    t.match(await failure(store.open(id)), { status: 410, code: 'upload_damaged' })
  const after = await create(100)
  await leaveComplete(after)
  sweeper.start()
  await until(() => findVideo(db, after))
  t.same(
    lines.filter(line => line.level >= 50),
    [],
    'and keep nobody from finishing others',
  )
})

t.test('a recording with lost bytes says so, is logged once, and can be given up', async t => {
  const { recordings, storage, sweeper, file, directory, lines } = await setUpUploads(t, db)
  const put = async (id: string, number: number) => {
    const piece = { bytes: Readable.from([whole]), verify: () => {} }
    await recordings.enter(id, number, await recordings.receive(id, piece, await recordings.reserve(id)))
  }
  const begin = () => recordings.create({}, TESTER)
  const [chunk, joined, healthy] = [await begin(), await begin(), await begin()]
  for (const id of [joined, healthy]) {
    await put(id, 0)
    await recordings.join(id)
  }
  for (const id of [chunk, joined, healthy]) await put(id, 2)
  const [key] = await storedFiles(directory, `recordings/${chunk}`)
  await storage.remove(key!)
  await truncate(file(joined), 99)

  const lost = { status: 410, code: 'upload_damaged' }
  t.equal((await recordings.state(healthy)).waiting.length, 1)
  for (const id of [chunk, joined]) {
    t.match(await failure(recordings.state(id)), lost)
    t.match(await failure(recordings.finalize(id, { allowGaps: true })), lost)
  }
  let sweeps = 0
  const due = recordings.due.bind(recordings)
  recordings.due = now => {
    sweeps++
    return due(now)
  }
  sweeper.start()
  await until(() => sweeps > 3)
  await sweeper.stop()
  const logged = lines.filter(line => line.level >= 50).map(line => line['upload_id'])
  t.same(logged.sort(), [chunk, joined].sort())

  for (const id of [chunk, joined]) {
    await recordings.remove(id)
    t.match(await failure(recordings.state(id)), { status: 404 })
    t.same(await storedFiles(directory, `recordings/${id}`), [])
  }
})

t.test('only what is unfinished, expired and idle is removed', async t => {
  const { locks, store, sweeper, create, write, files } = await setUpUploads(t, db)
  const [old, fresh, busy, finished, resumed] = [
    await create(100),
    await create(100),
    await create(100),
    await create(100),
    await create(100),
  ]
  for (const id of [old, fresh, busy, finished, resumed]) await write(id, 0, 40)
  await write(finished, 40, 100)
  for (const id of [old, busy, finished, resumed]) await expire(id)
  await write(resumed, 40, 60)
  const writer = await holdLock(locks, busy, { onRelease: () => t.fail('nobody is asked to release') })
  sweeper.start()
  await until(async () => !(await files()).includes(old))
  await sweeper.stop()
  t.same((await files()).sort(), [fresh, busy, finished, resumed].sort())
  t.equal(await findUpload(db, old), undefined)
  t.ok(await findVideo(db, finished))
  t.equal(await store.expire(fresh, new Date()), false)
  await writer.end()
  t.equal(await store.expire(busy, new Date()), true)
  t.same((await files()).sort(), [fresh, finished, resumed].sort())
})

t.test('an upload that is fed does not expire', async t => {
  const { create, write } = await setUpUploads(t, db)
  const id = await create(100)
  await expire(id)
  await write(id, 0, 40)
  t.ok((await findUpload(db, id))!.expires_at.getTime() > Date.now() + (EXPIRY - 600) * 1000)
})

t.test('what a deleted video leaves is removed, also what is put there a moment later', async t => {
  const { storage, directory, create, write, files } = await setUpUploads(t, db)
  const id = await create(100)
  await write(id, 0, 100)
  await deleteVideo(db, id, null)
  await removeNoted(db, storage)
  t.same(await files(), [])
  await storage.write(`artifacts/${id}/late`, Readable.from([whole]))
  await removeNoted(db, storage)
  t.same(await storedFiles(directory, 'artifacts'), [])
  await db
    .updateTable('removals')
    .set({ created_at: sql<Date>`now() - interval '1 hour'` as never })
    .execute()
  await removeNoted(db, storage)
  t.same(await db.selectFrom('removals').selectAll().execute(), [])
})

t.test('a sweeper that stops ends before the next object', async t => {
  const { storage, sweeper } = await setUpUploads(t, db)
  await noteRemoval(db, 'artifacts/a', 'artifacts/b')
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const removed: string[] = []
  storage.remove = async key => {
    removed.push(key)
    begun.resolve()
    await goOn.promise
  }
  sweeper.start()
  await begun.promise
  const stopped = sweeper.stop()
  goOn.resolve()
  await stopped
  t.equal(removed.length, 1)
})
