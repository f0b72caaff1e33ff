import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import type { Storage } from '../../src/objects/object-storage.ts'
import { bytes, STORAGES } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const nothing = async () => {}
async function* asTheyAre(...chunks: Buffer[]) {
  yield* chunks
}

for (const [implementation, open] of Object.entries(STORAGES)) {
  t.test(implementation, async t => {
    let storage: Storage
    t.beforeEach(() => {
      storage = open(throwAwayDirectory('storage'))
    })
    const put = (key: string, content: string) => storage.append(key, 0, bytes(content), nothing)
    const get = async (key: string) => text(await storage.read(key))

    t.test('append writes from the offset on and tells the new size', async t => {
      await storage.create('uploads/a')
      t.equal(await storage.append('uploads/a', 0, bytes('one ', 'two '), nothing), 8)
      t.equal(await storage.append('uploads/a', 8, bytes('three'), nothing), 13)
      t.equal(await storage.size('uploads/a'), 13)
      t.equal(await get('uploads/a'), 'one two three')
    })

    t.test('append makes what a crash kept from being created', async t => {
      t.equal(await storage.append('new/a', 0, bytes('abc'), nothing), 3)
      t.equal(await get('new/a'), 'abc')
    })

    t.test('append drops what stands behind the offset', async t => {
      await put('a', 'abcdefghij')
      t.equal(await storage.append('a', 3, bytes('XY'), nothing), 5)
      t.equal(await get('a'), 'abcXY')
      t.equal(await storage.append('a', 2, bytes(), nothing), 2)
      t.equal(await get('a'), 'ab')
    })

    t.test('append takes chunks of all sizes, empty ones among them', async t => {
      const sizes = [0, 1, 0, 5_000_000, 3, 1024 * 1024, 0, 0, 700_000, 1]
      const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1))
      const whole = Buffer.concat(chunks)
      t.equal(await storage.append('a', 0, bytes(...chunks), nothing), whole.length)
      t.ok((await buffer(await storage.read('a'))).equals(whole))
    })

    t.test('append takes more small chunks than the system writes in one go', async t => {
      const chunks = Array.from({ length: 5000 }, (_, index) => `${index},`)
      await storage.append('a', 0, bytes(...chunks), nothing)
      t.equal(await get('a'), chunks.join(''))
    })

    t.test('append reports nothing where nothing came', async t => {
      await put('a', 'abc')
      const reported: number[] = []
      t.equal(await storage.append('a', 3, bytes(), async size => void reported.push(size)), 3)
      t.same(reported, [])
    })

    t.test('what append reports grows, is there when it is reported, and ends with the size', async t => {
      const reported: number[] = []
      // Until two reports have come, however long that takes: the first is made while bytes still stream in.
      async function* endless() {
        while (reported.length < 2) {
          yield Buffer.alloc(1000, 'x')
          await new Promise(setImmediate)
        }
        yield Buffer.from('end')
      }
      const size = await storage.append('a', 0, endless(), async durable => {
        t.ok((await storage.size('a'))! >= durable)
        reported.push(durable)
      })
      t.equal(reported.at(-1), size)
      t.equal((await storage.size('a'))!, size)
      t.ok(reported.length >= 3)
      t.ok(reported.every((value, index) => index === 0 || value > reported[index - 1]!))
    })

    t.test('append keeps and reports what arrived before its source failed', async t => {
      const reported: number[] = []
      async function* failing() {
        yield Buffer.from('arrived')
        throw new Error('the client is gone')
      }
      await put('a', '123')
      const appended = storage.append('a', 3, failing(), async size => void reported.push(size))
      await t.rejects(appended, { message: 'the client is gone' })
      t.same(reported, [10])
      t.equal(await get('a'), '123arrived')
      t.equal(await storage.append('a', 10, bytes(' again'), nothing), 16)
    })

    t.test('append goes on where another append ended, also after the object was removed', async t => {
      for (const offset of [0, 3, 6]) await storage.append('a', offset, bytes('abc'), nothing)
      t.equal(await get('a'), 'abcabcabc')
      await storage.remove('a')
      t.equal(await storage.append('a', 0, bytes('new'), nothing), 3)
      t.equal(await get('a'), 'new')
      t.equal(await storage.append('a', 3, bytes('er'), nothing), 5)
      t.equal(await get('a'), 'newer')
    })

    t.test('append gives back the memory of chunks that it is given for good, and of no others', async t => {
      const [borrowed, given, large] = [Buffer.alloc(100_000), Buffer.alloc(100_000), Buffer.alloc(100_000)]
      await storage.append('a', 0, asTheyAre(borrowed), nothing)
      t.equal(borrowed.byteLength, 100_000)
      await storage.append('a', 0, asTheyAre(given, large.subarray(10)), nothing, { owned: true })
      t.equal(given.byteLength, 0)
      t.equal(large.byteLength, 100_000, 'nor of a part of something')
      t.equal(await storage.size('a'), 199_990)
    })

    t.test('appends together hold no more than some memory, however many they are', async t => {
      const chunk = Buffer.alloc(1_000_000)
      const { promise: end, resolve } = Promise.withResolvers<void>()
      async function* slow() {
        yield chunk
        await end
      }
      const keys = Array.from({ length: 80 }, (_, index) => `many/${index}`)
      const appends = keys.map(key => storage.append(key, 0, slow(), nothing))
      const stored = async () => {
        const sizes = await Promise.all(keys.map(key => storage.size(key)))
        return sizes.reduce((sum: number, size = 0) => sum + size, 0)
      }
      await until(async () => (await stored()) >= 80_000_000 - 32 * 2 ** 20)
      resolve()
      await Promise.all(appends)
      t.equal(await stored(), 80_000_000)
    })

    t.test('append ends with the error of whoever it reports to', async t => {
      const refuse = async () => {
        throw new Error('somebody else writes here')
      }
      await t.rejects(storage.append('a', 0, bytes('abc'), refuse), { message: 'somebody else writes here' })
      let ended = false
      async function* endless() {
        try {
          for (;;) {
            yield Buffer.alloc(1000)
            await new Promise(setImmediate)
          }
        } finally {
          ended = true
        }
      }
      await t.rejects(storage.append('b', 0, endless(), refuse), { message: 'somebody else writes here' })
      t.ok(ended, 'and takes no more from its source')
    })
  })
}
