import { readdir } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { DiskStorage } from '../../src/objects/disk/disk-storage.ts'
import { StorageFullError } from '../../src/objects/object-storage.ts'
import { littleRoom } from '../support/little-room.ts'

const MIB = 1024 * 1024

t.test('a full disk ends an append, keeps what was reported, and takes more once there is room', async t => {
  const { directory, room, enlarge } = littleRoom('full')
  const storage = new DiskStorage(directory)
  const whole = Buffer.alloc(room + 2 * MIB)
  for (let at = 0; at < whole.length; at += 4) whole.writeUInt32LE(at, at)
  let taken = 0
  async function* chunks() {
    for (; taken < whole.length; taken += MIB / 2) yield whole.subarray(taken, taken + MIB / 2)
  }
  const reported: number[] = []
  const appended = storage.append('uploads/a', 0, chunks(), async size => void reported.push(size))
  await t.rejects(appended, StorageFullError)
  const durable = reported.at(-1)!
  t.ok(durable >= room - 2 * MIB && durable <= room, `${durable} bytes are kept`)
  const kept = await buffer(await storage.read('uploads/a', { start: 0, end: durable - 1 }))
  t.ok(kept.equals(whole.subarray(0, durable)))

  enlarge()
  async function* rest() {
    yield whole.subarray(durable)
  }
  t.equal(await storage.append('uploads/a', durable, rest(), async () => {}), whole.length)
  t.ok((await buffer(await storage.read('uploads/a'))).equals(whole))
})

t.test('a check on a full disk fails, and leaves nothing behind', async t => {
  const { directory, fill, enlarge } = littleRoom('full-check')
  const storage = new DiskStorage(directory)
  fill()
  await t.rejects(storage.check(), StorageFullError)
  t.same(
    (await readdir(directory)).filter(name => name !== 'filler'),
    [],
  )
  enlarge()
  await t.resolves(storage.check())
})
