import { readdir } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { StorageFullError } from '../../src/objects/object-storage.ts'
import { littleRoom } from '../support/little-room.ts'
import { bytes, diskStorage } from '../support/storages.ts'

const MIB = 1024 * 1024

t.test('a full disk ends an append, keeps what was reported, and takes more once there is room', async t => {
  const { directory, room, enlarge } = littleRoom('full')
  const storage = diskStorage(directory)
  const whole = Buffer.alloc(room + 2 * MIB)
  for (let at = 0; at < whole.length; at += 4) whole.writeUInt32LE(at, at)
  let taken = 0
  async function* chunks() {
    for (; taken < whole.length; taken += MIB / 2) yield whole.subarray(taken, taken + MIB / 2)
  }
  const upload = { id: 'a', offset: 0, state: null }
  const appended = storage.bytes.append(upload, chunks(), async offset => {
    upload.offset = offset
  })
  await t.rejects(appended, StorageFullError)
  const durable = upload.offset
  t.ok(durable >= room - 2 * MIB && durable <= room, `${durable} bytes are kept`)
  const kept = await buffer(await storage.bytes.read(upload, { start: 0, end: durable - 1 }))
  t.ok(kept.equals(whole.subarray(0, durable)))

  enlarge()
  const written = await storage.bytes.append(upload, bytes(whole.subarray(durable)), async () => {})
  t.equal(written.offset, whole.length)
  const { key } = await storage.bytes.complete({ id: 'a', ...written })
  t.ok((await buffer(await storage.objects.read(key))).equals(whole))
})

t.test('an object that does not fit leaves nothing', async t => {
  const { directory, room, fill } = littleRoom('full-object')
  const { objects } = diskStorage(directory)
  const before = await readdir(directory)
  await t.rejects(objects.write('large', bytes(Buffer.alloc(room + 2 * MIB))), StorageFullError)
  t.same(await readdir(directory), before)
  t.equal(await objects.write('small', bytes('fits')), 4)
  fill()
  await t.rejects(objects.write('another', bytes(Buffer.alloc(2 * MIB))), StorageFullError)
  t.equal(await objects.size('another'), undefined)
})

t.test('a check on a full disk fails, and leaves nothing behind', async t => {
  const { directory, fill, enlarge } = littleRoom('full-check')
  const { objects } = diskStorage(directory)
  fill()
  await t.rejects(objects.check(), StorageFullError)
  t.same(
    (await readdir(directory)).filter(name => name !== 'filler'),
    [],
  )
  enlarge()
  await t.resolves(objects.check())
})
