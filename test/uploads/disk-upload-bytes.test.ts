import { appendFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import type { DiskState } from '../../src/uploads/bytes/disk/disk-state.ts'
import { storedFiles } from '../support/leftovers.ts'
import { openDescriptors } from '../support/open-descriptors.ts'
import { bytes, diskStorage } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const nothing = async () => {}
async function* asTheyAre(...chunks: Buffer[]) {
  yield* chunks
}

t.test('an upload that no other process took over is one file, and needs no state', async t => {
  const directory = throwAwayDirectory('storage')
  const id = uuid()
  let state: DiskState | null = null
  let offset = 0
  for (const part of ['abc', 'def']) {
    const storage = diskStorage(directory)
    ;({ offset, state } = await storage.bytes.append({ id, offset, state }, bytes(part), nothing))
    t.equal(state, null)
  }
  const storage = diskStorage(directory)
  t.same(await storage.bytes.complete({ id, offset, state }), { key: `uploads/${id}`, leftovers: [] })
  t.same(await storedFiles(directory), [`uploads/${id}`])
})

t.test('a takeover adds a file; complete joins them, and names what is left over', async t => {
  const directory = throwAwayDirectory('storage')
  const { bytes: storage, objects } = diskStorage(directory)
  const id = uuid()
  await storage.append({ id, offset: 0, state: null }, bytes('abc, not acknowledged'), nothing)
  const written = await storage.append({ id, offset: 3, state: null, takeover: true }, bytes('def'), nothing)
  t.equal((await storedFiles(directory)).length, 2)
  const { key, leftovers } = await storage.complete({ id, ...written })
  t.equal(key, `uploads/${id}.whole`)
  for (const leftover of leftovers) await objects.remove(leftover)
  t.same(await storedFiles(directory), [`uploads/${id}.whole`])
  t.equal(String(await buffer(await objects.read(key))), 'abcdef')
})

t.test('a takeover whose bytes never counted leaves nothing after completion', async t => {
  const directory = throwAwayDirectory('storage')
  const { bytes: storage, objects } = diskStorage(directory)
  const id = uuid()
  await storage.append({ id, offset: 0, state: null, takeover: true }, bytes('never acknowledged'), nothing)
  await storage.append({ id, offset: 0, state: null }, bytes('abc'), nothing)
  const { key, leftovers } = await storage.complete({ id, offset: 3, state: null })
  for (const leftover of leftovers) await objects.remove(leftover)
  t.same(await storedFiles(directory), [key])
})

t.test('zeros after the offset, as a power cut leaves them, are overwritten', async t => {
  const directory = throwAwayDirectory('storage')
  const { bytes: storage, objects } = diskStorage(directory)
  const id = uuid()
  await storage.append({ id, offset: 0, state: null }, bytes('abc'), nothing)
  await appendFile(join(directory, 'uploads', id), Buffer.alloc(100))
  const other = diskStorage(directory).bytes
  t.equal((await other.append({ id, offset: 3, state: null }, bytes('def'), nothing)).offset, 6)
  await appendFile(join(directory, 'uploads', id), Buffer.alloc(100))
  const { key } = await other.complete({ id, offset: 6, state: null })
  t.equal(String(await buffer(await objects.read(key))), 'abcdef')
})

t.test('a file that has become shorter is noticed by all', async t => {
  const directory = throwAwayDirectory('storage')
  const id = uuid()
  const taken = uuid()
  const { bytes: storage } = diskStorage(directory)
  await storage.append({ id, offset: 0, state: null }, bytes('abcdef'), nothing)
  await truncate(join(directory, 'uploads', id), 5)
  await storage.append({ id: taken, offset: 0, state: null }, bytes('abc'), nothing)
  const { state } = await storage.append(
    { id: taken, offset: 3, state: null, takeover: true },
    bytes('def'),
    nothing,
  )
  await truncate(join(directory, 'uploads', taken), 2)
  const uploads = [
    { id, offset: 6, state: null, left: 5 },
    { id: taken, offset: 6, state, left: 2 },
  ]
  for (const { left, ...upload } of uploads) {
    const other = diskStorage(directory).bytes
    t.equal(await other.size(upload), left)
    for (const takeover of [false, true])
      await t.rejects(other.complete({ ...upload, takeover }), { code: 'upload_damaged' })
  }
  const lost = diskStorage(directory).bytes.append({ id, offset: 6, state: null }, bytes('x'), nothing)
  await t.rejects(lost, { code: 'upload_damaged' })
})

t.test('append frees the memory of chunks that it owns, and of no others', async t => {
  const { bytes: storage } = diskStorage(throwAwayDirectory('storage'))
  const [borrowed, given, large] = [Buffer.alloc(100_000), Buffer.alloc(100_000), Buffer.alloc(100_000)]
  const upload = { id: uuid(), offset: 0, state: null }
  await storage.append(upload, asTheyAre(borrowed), nothing)
  t.equal(borrowed.byteLength, 100_000)
  const source = asTheyAre(given, large.subarray(10))
  const { offset } = await storage.append(upload, source, nothing, { owned: true })
  t.equal(given.byteLength, 0)
  t.equal(large.byteLength, 100_000, 'nor of a part of a larger buffer')
  t.equal(offset, 199_990)
})

t.test('appends together hold a bounded amount of memory, however many they are', async t => {
  const directory = throwAwayDirectory('storage')
  const { bytes: storage } = diskStorage(directory)
  const chunk = Buffer.alloc(1_000_000)
  const { promise: end, resolve } = Promise.withResolvers<void>()
  async function* slow() {
    yield chunk
    await end
  }
  const uploads = Array.from({ length: 80 }, () => ({ id: uuid(), offset: 0, state: null }))
  const appends = uploads.map(upload => storage.append(upload, slow(), nothing))
  const stored = async () => {
    const sizes = await Promise.all(uploads.map(upload => storage.size(upload)))
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  await until(async () => (await stored()) >= 80_000_000 - 32 * 2 ** 20)
  resolve()
  await Promise.all(appends)
  t.equal(await stored(), 80_000_000)
})

t.test('a completed or removed upload has no file open', async t => {
  const directory = throwAwayDirectory('storage')
  const { bytes: storage } = diskStorage(directory)
  const [completed, removed] = [uuid(), uuid()]
  for (const id of [completed, removed])
    await storage.append({ id, offset: 0, state: null }, bytes('abc'), nothing)
  t.equal(openDescriptors(directory).length, 2, 'each is kept open for more')
  await storage.complete({ id: completed, offset: 3, state: null })
  await storage.remove(removed, null)
  t.same(openDescriptors(directory), [])
})

t.test('a joined object replaces what an interrupted join left', async t => {
  const directory = throwAwayDirectory('storage')
  const { bytes: storage, objects } = diskStorage(directory)
  const id = uuid()
  const written = await storage.append({ id, offset: 0, state: null, takeover: true }, bytes('abc'), nothing)
  await writeFile(join(directory, 'uploads', `${id}.more`, 'interrupted'), 'ab')
  const { key, leftovers } = await storage.complete({ id, ...written })
  for (const leftover of leftovers) await objects.remove(leftover)
  t.same(await readdir(join(directory, 'uploads')), [`${id}.whole`])
  t.equal(String(await buffer(await objects.read(key))), 'abc')
})

t.test('a concatenation leaves the temporary file of another process that does the same', async t => {
  const directory = throwAwayDirectory('storage')
  const { bytes: storage, objects } = diskStorage(directory)
  const id = uuid()
  const other = `uploads/${id}.more/other`
  await objects.write('uploads/part', bytes('abc'))
  await objects.write(other, bytes('a'))
  const { key, leftovers } = await storage.concatenate(['uploads/part'], id)
  t.same(await storedFiles(directory), [key, other, 'uploads/part'].toSorted())
  t.same(leftovers, [`uploads/${id}.more/`], 'removed when the upload is finished')
})
