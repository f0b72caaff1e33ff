import { createCipheriv, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import type { GrowingMultipart } from '../../src/uploads/bytes/s3/s3-state.ts'
import { GrowingRow } from '../support/growing-row.ts'
import { S3Faults, type S3Operation } from '../support/s3-faults.ts'
import { S3Server } from '../support/s3-server.ts'
import { s3Storage } from '../support/s3-storage.ts'
import { bytes } from '../support/storages.ts'

const MIB = 2 ** 20
const server = await S3Server.start()
const faults = await S3Faults.start(server.endpoint)
t.teardown(() => {
  faults.close()
  return server.stop()
})
const url = server.url(randomUUID(), faults.endpoint)
const open = () => s3Storage(url)
const { bucket, objects } = open()
t.afterEach(() => {
  faults.faultOf = () => undefined
})

const NOISE = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(
  Buffer.alloc(48 * MIB),
)

/** As a body arrives. */
async function* arriving(from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += 65_536) yield Buffer.from(NOISE.subarray(at, Math.min(at + 65_536, to)))
}

class Row extends GrowingRow {
  async append(storage: ReturnType<typeof open>, source: AsyncIterable<Uint8Array>): Promise<void> {
    const { offset, state } = await storage.bytes.append(this, source, this.commit)
    await this.commit(offset, state)
  }

  /** Appends the next bytes of the noise. */
  grow(storage: ReturnType<typeof open>, size: number): Promise<void> {
    return this.append(storage, arriving(this.offset, this.offset + size))
  }

  /** @returns whether the finished object is the noise up to the offset, and nothing else is left of the upload. */
  async isWhole(storage: ReturnType<typeof open>): Promise<boolean> {
    const { key, leftovers } = await storage.bytes.complete(this)
    for (const leftover of leftovers) await objects.remove(leftover, key)
    const made = await buffer(await objects.read(key))
    const left: string[] = []
    for await (const keys of bucket.list(`uploads/${this.id}/`)) left.push(...keys)
    const open = await bucket.multiparts(`uploads/${this.id}/`)
    t.same([left, open], [[key], []], 'nothing else is left')
    return made.equals(NOISE.subarray(0, this.offset))
  }
}

async function created(storage: ReturnType<typeof open>): Promise<Row> {
  const row = new Row()
  await storage.bytes.create(row.id)
  return row
}

t.test('requests that fail are repeated', async t => {
  const storage = open()
  const each: [S3Operation, number[]][] = [
    ['put', [3 * MIB]],
    ['begin', [12 * MIB]],
    ['part', [20 * MIB]],
    ['complete', [9 * MIB]],
    ['head', [9 * MIB]],
  ]
  for (const [operation, sizes] of each) {
    for (const fault of ['slow-down', 'cut-request', 'lost-answer'] as const) {
      for (const size of sizes) {
        const row = await created(storage)
        faults.once(operation, fault)
        await row.grow(storage, size)
        t.ok(await row.isWhole(storage), `${fault} of ${operation}, ${size} bytes`)
      }
    }
  }
  const row = await created(storage)
  faults.faultOf = operation => (operation === 'part' ? 'slow' : undefined)
  await row.grow(storage, 17 * MIB)
  faults.once('complete', 'error-in-200')
  await row.grow(storage, 9 * MIB)
  t.ok(await row.isWhole(storage), 'slow, and an error in a 200')
})

t.test('an object whose completion was never answered is found', async t => {
  const storage = open()
  for (const size of [8 * MIB, 17 * MIB + 5]) {
    const row = await created(storage)
    await row.grow(storage, size)
    faults.times(100, 'complete', 'lost-answer')
    await t.rejects(storage.bytes.complete(row), { code: 'storage_unavailable' })
    faults.faultOf = () => undefined
    t.ok(await row.isWhole(open()))
  }
})

t.test('a storage that is down costs nothing that was acknowledged', async t => {
  const storage = open()
  const row = await created(storage)
  await row.grow(storage, 8 * MIB)
  faults.faultOf = () => 'cut-request'
  await t.rejects(row.grow(storage, 10 * MIB), { code: 'storage_unavailable' })
  t.equal(row.offset, 8 * MIB)
  faults.faultOf = () => undefined
  await row.grow(storage, 10 * MIB)
  t.ok(await row.isWhole(storage))
})

t.test('a small body costs one request', async t => {
  const storage = open()
  const row = await created(storage)
  const counts: number[] = []
  for (let n = 0; n < 100; n++) {
    const before = faults.requests.length
    t.equal(await storage.bytes.size(row), row.offset)
    await row.grow(storage, 65_536)
    counts.push(faults.requests.length - before)
  }
  t.equal(counts.filter(count => count === 1).length >= 96, true, counts.join())
  t.ok(counts.every(count => count <= 2))
  t.ok(await row.isWhole(storage))
})

t.test('processes that take turns', async t => {
  const row = new Row()
  const storages = [open(), open(), open()]
  for (const [turn, size] of [65_536, 6 * MIB, 10, 5 * MIB, 65_536, 65_536, 9 * MIB, 1].entries()) {
    row.takeover = turn % 2 === 1
    await row.grow(storages[turn % 3]!, size)
  }
  t.equal(await open().bytes.size(row), row.offset)
  row.takeover = false
  t.ok(await row.isWhole(open()))
})

t.test('what a frozen process sends later changes nothing', async t => {
  const old = open()
  const row = await created(old)
  await row.grow(old, 8 * MIB)
  const frozen = { id: row.id, offset: row.offset, state: row.state }
  row.takeover = true
  const current = open()
  await row.grow(current, 7 * MIB)
  // It wakes: it sends parts, completes its upload, and makes an object of what it knows.
  const late = await old.bytes
    .append(frozen, bytes(Buffer.alloc(9 * MIB, 'late')), async () => {})
    .catch(() => {})
  if (late) await old.bytes.complete({ ...frozen, ...late }).catch(() => {})
  await row.grow(current, 6 * MIB)
  t.ok(await row.isWhole(current))
})

t.test('a completion of a killed process that arrives late drops nothing', async t => {
  const owner = open()
  const row = await created(owner)
  await row.grow(owner, 8 * MIB)
  const { multipart } = row.state as { multipart: GrowingMultipart }
  // Another process has acquired the upload, and dies while it makes its bytes readable. Then the first one acquires it again.
  row.generation += 2
  await row.grow(owner, 8 * MIB)
  await bucket.complete(multipart, multipart.parts).catch(() => {})
  await row.grow(owner, 8 * MIB)
  t.ok(await row.isWhole(owner))
})

t.test('a completion that this process gave up drops nothing, whenever it is carried out', async t => {
  const owner = open()
  const row = await created(owner)
  await row.grow(owner, 8 * MIB)
  const { multipart } = row.state as { multipart: GrowingMultipart }
  faults.faultOf = operation => (operation === 'complete' ? 'cut-request' : undefined)
  await t.rejects(owner.bytes.read(row, { start: 0, end: 9 }), { code: 'storage_unavailable' })
  faults.faultOf = () => undefined
  await row.grow(owner, 8 * MIB)
  await bucket.complete(multipart, multipart.parts).catch(() => {})
  t.ok(await row.isWhole(owner))
})

t.test('nothing is left of a process that was killed before its statement', async t => {
  for (const size of [100, 6 * MIB]) {
    const row = await created(open())
    await open().bytes.append(row, arriving(0, size), async () => {})
    const next = open()
    t.equal(await next.bytes.size(row), 0)
    await row.grow(next, 200)
    t.ok(await row.isWhole(next), `${size} bytes`)
  }
  // The next one only completes the upload.
  const row = await created(open())
  await row.grow(open(), 100)
  await open().bytes.append(row, arriving(100, 200), async () => {})
  const next = open()
  t.equal(await next.bytes.size(row), 100)
  t.ok(await row.isWhole(next))
})

t.test('a part that a replaced process sends late does not become the last one', async t => {
  const old = open()
  const row = await created(old)
  await row.grow(old, 8 * MIB)
  await row.grow(old, MIB)
  const { multipart } = row.state as { multipart: GrowingMultipart }
  row.takeover = true
  row.generation++
  let sent = false
  const late = Buffer.alloc(6 * MIB, 'late')
  // As the completion is about to begin: after the part that it names.
  faults.faultOf = operation => {
    if (operation === 'complete' && !sent) {
      sent = true
      return 'slow'
    }
    return undefined
  }
  const completing = row.isWhole(open())
  while (!sent) await new Promise(setImmediate)
  await bucket.uploadPart(multipart, multipart.parts.length + 1, late).catch(() => {})
  t.ok(await completing)
})

t.test('acknowledged bytes can be read, and the upload goes on', async t => {
  const storage = open()
  const row = await created(storage)
  await row.grow(storage, 9 * MIB)
  const range = { start: 7 * MIB, end: 9 * MIB - 1 }
  for (const each of [storage, open()])
    t.ok((await buffer(await each.bytes.read(row, range))).equals(NOISE.subarray(7 * MIB, 9 * MIB)))
  // Another process has read it: the one that began the multipart upload notices, and the next request succeeds.
  await row.grow(storage, 10 * MIB).catch(() => row.grow(storage, 19 * MIB - row.offset))
  // A request that reads what came before while its body arrives.
  async function* reading() {
    const from = row.offset
    for await (const chunk of arriving(from, from + 9 * MIB)) yield chunk
    t.ok(
      (await buffer(await storage.bytes.read(row, { start: 0, end: from - 1 }))).equals(
        NOISE.subarray(0, from),
      ),
    )
    yield* arriving(from + 9 * MIB, from + 11 * MIB)
  }
  await row.append(storage, reading())
  t.ok(await row.isWhole(storage))
})

t.test('an upload that only another process has read goes on at the second request', async t => {
  const storage = open()
  const row = await created(storage)
  await row.grow(storage, 8 * MIB)
  const read = await open().bytes.read(row, { start: 0, end: 99 })
  t.ok((await buffer(read)).equals(NOISE.subarray(0, 100)))
  await row.grow(storage, 8 * MIB).catch(() => row.grow(storage, 16 * MIB - row.offset))
  await row.grow(storage, 8 * MIB)
  t.ok(await row.isWhole(storage))
})

t.test('an upload that its own process has read and continued leaves nothing', async t => {
  const storage = open()
  const row = await created(storage)
  // Whole parts: a tail that became a part would have everything else removed anyway.
  for (const size of [8 * MIB, 8 * MIB]) {
    await row.grow(storage, size)
    const read = await storage.bytes.read(row, { start: 0, end: 99 })
    t.ok((await buffer(read)).equals(NOISE.subarray(0, 100)))
  }
  await row.grow(storage, 8 * MIB)
  t.ok(await row.isWhole(storage))
})

t.test('bytes that replace others after a completion that no row knows of', async t => {
  const storage = open()
  const row = await created(storage)
  await row.append(storage, bytes(NOISE.subarray(0, 8 * MIB), Buffer.alloc(0), 'wrong tail'))
  await storage.bytes.complete(row)
  row.offset = 8 * MIB
  await row.append(storage, bytes(NOISE.subarray(8 * MIB, 8 * MIB + 10)))
  t.ok(await row.isWhole(open()))
  const cut = await created(storage)
  await cut.append(storage, bytes(NOISE.subarray(0, 3 * MIB), Buffer.alloc(6 * MIB, 'wrong')))
  cut.offset = 3 * MIB
  await cut.grow(open(), 8 * MIB)
  t.ok(await cut.isWhole(storage))
})

t.test('an upload that the service has removed is lost, and says so', async t => {
  const storage = open()
  const row = await created(storage)
  await row.grow(storage, 9 * MIB)
  const { multipart } = row.state as { multipart: { key: string; id: string } }
  await bucket.abort(multipart)
  t.ok((await open().bytes.size(row)) < row.offset)
  await t.rejects(row.grow(storage, 8 * MIB), { code: 'upload_damaged', status: 410 })
  await t.rejects(open().bytes.complete(row), { code: 'upload_damaged' })
  await storage.bytes.remove(row.id, row.state)
})

t.test('objects of all sizes are concatenated within the service', async t => {
  const storage = open()
  const sizes = [10, 12 * MIB, 1, 11 * MIB, 100, 12 * MIB, 3]
  let at = 0
  const keys: string[] = []
  for (const size of sizes) {
    const key = `uploads/${uuid()}/part`
    await objects.write(key, arriving(at, at + size))
    keys.push(key)
    at += size
  }
  const received = faults.requests.length
  const id = uuid()
  const { key } = await storage.bytes.concatenate(keys, id)
  t.ok((await buffer(await objects.read(key))).equals(NOISE.subarray(0, at)))
  t.ok(faults.requests.slice(received).filter(each => each === 'copy').length >= 3)
  const abandoned = await bucket.begin(key)
  await bucket.uploadPart(abandoned, 1, Buffer.from('of a process that was killed'))
  const again = await open().bytes.concatenate(keys, id)
  t.equal(again.key, key)
  for (const leftover of again.leftovers) await objects.remove(leftover, key)
  t.same(await bucket.multiparts(`uploads/${id}/`), [])
  t.ok((await buffer(await objects.read(key))).equals(NOISE.subarray(0, at)))
})

t.test('a download that is cut goes on, and never ends early', async t => {
  const key = `uploads/${uuid()}/whole`
  await objects.write(key, arriving(0, 20 * MIB))
  faults.times(3, 'get', 'cut-answer')
  t.ok((await buffer(await objects.read(key))).equals(NOISE.subarray(0, 20 * MIB)))
  faults.times(2, 'get', 'cut-answer')
  const same = await objects.withFile(key, async path => (await import('node:fs/promises')).readFile(path))
  t.ok(same.equals(NOISE.subarray(0, 20 * MIB)))
  faults.faultOf = operation => (operation === 'get' ? 'cut-answer' : undefined)
  await t.rejects((async () => buffer(await objects.read(key)))(), { code: 'storage_unavailable' })
})
