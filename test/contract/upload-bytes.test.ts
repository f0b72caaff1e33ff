import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { GrowingRow } from '../support/growing-row.ts'
import { storagesWithS3 } from '../support/s3-storage.ts'
import { bytes, type OpenedStorage } from '../support/storages.ts'

const nothing = async () => {}

for (const [implementation, openEmpty] of Object.entries(await storagesWithS3(t))) {
  t.test(implementation, async t => {
    let open: () => OpenedStorage
    let storage: OpenedStorage
    t.beforeEach(() => {
      open = openEmpty()
      storage = open()
    })

    class Row extends GrowingRow {
      async append(source: AsyncIterable<Uint8Array>, from = storage.bytes): Promise<void> {
        const written = await from.append(this, source, this.commit)
        await this.commit(written.offset, written.state)
      }

      async text(from = storage.bytes): Promise<string> {
        if (this.offset === 0) return ''
        return String(await buffer(await from.read(this, { start: 0, end: this.offset - 1 })))
      }

      /** Completes the upload and does what the row's transaction makes due. @returns the object's bytes. */
      async complete(): Promise<string> {
        const { key, leftovers } = await storage.bytes.complete(this)
        for (const leftover of leftovers) await storage.objects.remove(leftover, key)
        return String(await buffer(await storage.objects.read(key)))
      }
    }

    async function created(): Promise<Row> {
      const row = new Row()
      await storage.bytes.create(row.id)
      return row
    }

    t.test('an upload grows by appends and becomes an object', async t => {
      const row = await created()
      t.equal(await storage.bytes.size(row), 0)
      await row.append(bytes('one ', 'two '))
      t.equal(row.offset, 8)
      await row.append(bytes('three'))
      t.equal(row.offset, 13)
      t.equal(await storage.bytes.size(row), 13)
      t.equal(await row.text(), 'one two three')
      t.equal(await row.complete(), 'one two three')
    })

    t.test('another process goes on with what the row says', async t => {
      const row = await created()
      for (const part of ['one ', 'two ', 'three']) {
        await row.append(bytes(part), open().bytes)
        t.equal(await row.text(open().bytes), await row.text())
      }
      t.equal(await row.complete(), 'one two three')
    })

    t.test(
      'an upload without bytes becomes an empty object, also if a crash kept it from being created',
      async t => {
        t.equal(await (await created()).complete(), '')
        t.equal(await new Row().complete(), '')
      },
    )

    t.test('append makes up for a creation that a crash prevented', async t => {
      const row = new Row()
      t.equal(await storage.bytes.size(row), 0)
      await row.append(bytes('abc'))
      t.equal(await row.complete(), 'abc')
    })

    t.test('create leaves an upload with bytes alone', async t => {
      const row = await created()
      await row.append(bytes('kept'))
      await storage.bytes.create(row.id)
      t.equal(await row.text(), 'kept')
    })

    t.test('bytes that no row acknowledged are overwritten', async t => {
      const row = await created()
      await row.append(bytes('abc'))
      // The process died before its statement.
      await storage.bytes.append(row, bytes('lost and much longer'), nothing)
      t.equal(await row.text(), 'abc')
      await row.append(bytes('XY'))
      t.equal(await row.text(), 'abcXY')
      t.equal(await row.complete(), 'abcXY')
    })

    t.test('nor do they become a part of the object', async t => {
      const row = await created()
      await row.append(bytes('abc'))
      await storage.bytes.append(row, bytes('lost'), nothing)
      t.equal(await row.complete(), 'abc')
    })

    t.test('an offset that was moved back counts', async t => {
      const row = await created()
      for (const part of ['abc', 'def', 'ghi']) await row.append(bytes(part))
      row.offset = 4
      t.equal(await row.text(), 'abcd')
      await row.append(bytes('XY'))
      t.equal(await row.text(), 'abcdXY')
      row.offset = 0
      await row.append(bytes('new'))
      t.equal(await row.complete(), 'new')
    })

    t.test('ranges are read across all appends', async t => {
      const row = await created()
      for (const part of ['012', '345', '6789']) await row.append(bytes(part))
      const range = async (start: number, end: number) =>
        String(await buffer(await storage.bytes.read(row, { start, end })))
      t.equal(await range(0, 9), '0123456789')
      t.equal(await range(2, 6), '23456')
      t.equal(await range(3, 3), '3')
      t.equal(await range(9, 9), '9')
    })

    t.test('append takes chunks of all sizes, empty ones among them', async t => {
      const sizes = [0, 1, 0, 5_000_000, 3, 1024 * 1024, 0, 0, 700_000, 1]
      const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1))
      const row = await created()
      await row.append(bytes(...chunks))
      const whole = Buffer.concat(chunks)
      t.equal(row.offset, whole.length)
      t.ok((await buffer(await storage.bytes.read(row, { start: 0, end: whole.length - 1 }))).equals(whole))
    })

    t.test('append takes thousands of small chunks', async t => {
      const chunks = Array.from({ length: 5000 }, (_, index) => `${index},`)
      const row = await created()
      await row.append(bytes(...chunks))
      t.equal(await row.text(), chunks.join(''))
    })

    t.test('append reports nothing if nothing came', async t => {
      const row = await created()
      await row.append(bytes('abc'))
      const reported: number[] = []
      const { offset, state } = await storage.bytes.append(row, bytes(), async at => void reported.push(at))
      t.same(reported, [])
      t.equal(offset, 3)
      t.same(state, row.state)
    })

    t.test('an empty chunk has all before it reported at once', async t => {
      const row = await created()
      async function* source() {
        yield Buffer.from('abc')
        yield Buffer.alloc(0)
        t.equal(row.offset, 3)
        yield Buffer.from('def')
      }
      await row.append(source())
      t.equal(await row.complete(), 'abcdef')
    })

    t.test('each report is enough for another process to go on, and the last one tells the end', async t => {
      const row = await created()
      const reported: number[] = []
      // However long two reports take: the first is made while bytes still stream in.
      async function* endless() {
        while (reported.length < 2) {
          yield Buffer.alloc(1000, 'x')
          await new Promise(setImmediate)
        }
        yield Buffer.from('end')
      }
      const { offset } = await storage.bytes.append(row, endless(), async (at, state) => {
        await row.commit(at, state)
        t.ok((await open().bytes.size(row)) >= at)
        reported.push(at)
      })
      t.equal(reported.at(-1), offset)
      t.ok(reported.length >= 3)
      t.ok(reported.every((value, index) => index === 0 || value > reported[index - 1]!))
      t.equal(await row.complete(), `${'x'.repeat(offset - 3)}end`)
    })

    t.test('append keeps and reports what arrived before its source failed', async t => {
      const row = await created()
      await row.append(bytes('123'))
      async function* failing() {
        yield Buffer.from('arrived')
        throw new Error('the client is gone')
      }
      await t.rejects(row.append(failing()), { message: 'the client is gone' })
      t.equal(row.offset, 10)
      await row.append(bytes(' again'))
      t.equal(await row.complete(), '123arrived again')
    })

    t.test('append ends with the error of its caller, and takes no more from its source', async t => {
      const refuse = async () => {
        throw new Error('another process writes here')
      }
      const refused = { message: 'another process writes here' }
      await t.rejects(storage.bytes.append(await created(), bytes('abc'), refuse), refused)
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
      await t.rejects(storage.bytes.append(await created(), endless(), refuse), refused)
      t.ok(ended)
    })

    t.test('the late bytes of a replaced writer reach neither the upload nor its object', async t => {
      for (const before of ['', 'before ']) {
        const row = await created()
        if (before) await row.append(bytes(before))
        const frozen = { id: row.id, offset: row.offset, state: row.state }
        const { promise: thaw, resolve } = Promise.withResolvers<void>()
        async function* late() {
          yield Buffer.from('early')
          yield Buffer.alloc(0)
          await thaw
          yield Buffer.from(' and very late')
        }
        const old = open()
        let isFrozen = false
        const writing = old.bytes.append(frozen, late(), async () => {
          isFrozen = true
        })
        while (!isFrozen) await new Promise(setImmediate)
        row.takeover = true
        await row.append(bytes('mine'))
        t.equal(await row.text(), `${before}mine`)
        resolve()
        await writing
        // Also a writer that froze before it opened anything.
        await old.bytes.append(frozen, bytes('later still'), nothing)
        t.equal(await row.text(), `${before}mine`)
        row.takeover = false
        await row.append(bytes(', all of it'))
        const completed = await storage.bytes.complete(row)
        const object = async () => String(await buffer(await storage.objects.read(completed.key)))
        t.equal(await object(), `${before}mine, all of it`)
        await old.bytes.append(frozen, bytes('even after that'), nothing)
        t.equal(await object(), `${before}mine, all of it`)
        for (const leftover of completed.leftovers) await storage.objects.remove(leftover, completed.key)
        t.equal(await object(), `${before}mine, all of it`)
      }
    })

    t.test('nor do they if the new writer only completes the upload', async t => {
      const row = await created()
      await row.append(bytes('whole'))
      const frozen = { id: row.id, offset: row.offset, state: row.state }
      row.takeover = true
      const { key } = await storage.bytes.complete(row)
      await open().bytes.append(frozen, bytes(' and more'), nothing)
      t.equal(String(await buffer(await storage.objects.read(key))), 'whole')
    })

    t.test('one takeover after another, with offsets that move back', async t => {
      const row = await created()
      row.takeover = true
      for (const part of ['abc', 'def', 'ghi', '']) await row.append(bytes(part), open().bytes)
      t.equal(await row.text(), 'abcdefghi')
      row.offset = 5
      t.equal(await row.text(), 'abcde')
      await row.append(bytes('XY'), open().bytes)
      t.equal(await row.text(), 'abcdeXY')
      t.equal(await storage.bytes.size(row), 7)
      t.equal(await row.complete(), 'abcdeXY')
    })

    t.test('a finished upload can be read when its own bytes are gone', async t => {
      for (const takeover of [false, true]) {
        const row = await created()
        await row.append(bytes('abc'))
        row.takeover = takeover
        await row.append(bytes('def'), open().bytes)
        const { key, leftovers } = await storage.bytes.complete(row)
        for (const leftover of leftovers) await storage.objects.remove(leftover, key)
        const finished = { id: row.id, offset: 6, state: null, object: key }
        const read = await open().bytes.read(finished, { start: 2, end: 4 })
        t.equal(String(await buffer(read)), 'cde')
      }
    })

    t.test('completing again gives the same object', async t => {
      for (const takeover of [false, true]) {
        const row = await created()
        row.takeover = takeover
        await row.append(bytes('abc'))
        const first = await storage.bytes.complete(row)
        t.equal((await open().bytes.complete(row)).key, first.key)
        t.equal(await row.complete(), 'abc')
      }
    })

    t.test('lost bytes are noticed', async t => {
      const row = await created()
      await row.append(bytes('abc'))
      const lost = { ...row, offset: 5 }
      t.ok((await storage.bytes.size(lost)) < 5)
      await t.rejects(storage.bytes.complete(lost), { code: 'upload_damaged' })
      await t.rejects(storage.bytes.append(lost, bytes('def'), nothing), { code: 'upload_damaged' })
    })

    t.test('finished objects are joined to another one', async t => {
      const rows = [await created(), await created(), await created()]
      for (const [index, row] of rows.entries()) await row.append(bytes(`part ${index}, `))
      rows[1]!.takeover = true
      const keys = await Promise.all(rows.map(async row => (await storage.bytes.complete(row)).key))
      const { key } = await storage.bytes.concatenate([...keys, keys[0]!], uuid())
      t.equal(String(await buffer(await storage.objects.read(key))), 'part 0, part 1, part 2, part 0, ')
      t.equal(String(await buffer(await storage.objects.read(keys[2]!))), 'part 2, ')
    })

    t.test('a removed upload leaves nothing, whatever it has become', async t => {
      for (const takeover of [false, true]) {
        for (const isComplete of [false, true]) {
          const row = await created()
          await row.append(bytes('abc'))
          row.takeover = takeover
          await row.append(bytes('def'))
          if (isComplete) await storage.bytes.complete(row)
          await storage.bytes.remove(row.id, row.state)
          t.ok((await storage.bytes.size(row)) < row.offset)
          for (const key of storage.bytes.keys(row.id)) t.equal(await storage.objects.size(key), undefined)
          await t.resolves(storage.bytes.remove(row.id, row.state), 'once more')
          const again = { id: row.id, offset: 0, state: null }
          const written = await storage.bytes.append(again, bytes('new'), nothing)
          t.equal(written.offset, 3, 'and can begin again')
        }
      }
    })

    t.test('the noted keys remove the objects of an upload', async t => {
      for (const takeover of [false, true]) {
        const row = await created()
        row.takeover = takeover
        await row.append(bytes('abc'))
        const { key } = await storage.bytes.complete(row)
        for (const noted of storage.bytes.keys(row.id)) await storage.objects.remove(noted)
        t.equal(await storage.objects.size(key), undefined)
      }
    })

    t.test('many uploads at once do not mix', async t => {
      const rows = await Promise.all(Array.from({ length: 40 }, created))
      await Promise.all(
        rows.map(async (row, index) => {
          for (let round = 0; round < 5; round++) await row.append(bytes(`${index}:${round} `))
        }),
      )
      for (const [index, row] of rows.entries())
        t.equal(await row.complete(), [0, 1, 2, 3, 4].map(round => `${index}:${round} `).join(''))
    })
  })
}
