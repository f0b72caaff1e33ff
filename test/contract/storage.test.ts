import { once } from 'node:events'
import { mkdir, readdir, readFile, readlink, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { DiskStorage } from '../../src/storage/disk-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const implementations: Record<string, (directory: string) => Storage> = {
  DiskStorage: directory => new DiskStorage(directory),
}

const nothing = async () => {}

async function* bytes(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

for (const [implementation, open] of Object.entries(implementations)) {
  t.test(implementation, async t => {
    let directory: string
    let storage: Storage
    t.beforeEach(() => {
      directory = throwAwayDirectory('storage')
      storage = open(directory)
    })
    const put = (key: string, content: string) => storage.append(key, 0, bytes(content), nothing)
    const get = async (key: string) => text(await storage.read(key))

    /** A finished file beside the storage, as a worker makes it. */
    async function made(content: string): Promise<string> {
      const path = join(directory, 'made-by-a-worker')
      await writeFile(path, content)
      return path
    }

    t.test('create makes an empty object, and leaves one that is there alone', async t => {
      await storage.create('uploads/a')
      t.equal(await storage.size('uploads/a'), 0)
      await put('uploads/a', 'kept')
      await storage.create('uploads/a')
      t.equal(await get('uploads/a'), 'kept')
    })

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

    t.test('reads all, ranges and single bytes', async t => {
      await put('a', '0123456789')
      const range = async (start: number, end: number) => text(await storage.read('a', { start, end }))
      t.equal(await get('a'), '0123456789')
      t.equal(await range(0, 9), '0123456789')
      t.equal(await range(2, 4), '234')
      t.equal(await range(0, 0), '0')
      t.equal(await range(9, 9), '9')
    })

    t.test('reading what is not there is an error', async t => {
      await t.rejects((async () => buffer(await storage.read('absent')))(), { code: 'ENOENT' })
    })

    t.test('a destroyed read stream holds no descriptor', async t => {
      await storage.append('big', 0, bytes(Buffer.alloc(5_000_000)), nothing)
      const descriptors = async () => {
        const names = await readdir('/proc/self/fd')
        const targets = await Promise.all(
          names.map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')),
        )
        return targets.filter(target => target.startsWith(directory)).length
      }
      t.equal(await descriptors(), 0)
      const [unread, halfRead, whole] = [
        await storage.read('big'),
        await storage.read('big'),
        await storage.read('big'),
      ]
      await once(halfRead, 'readable')
      halfRead.read(1000)
      t.equal(await descriptors(), 3)
      unread.destroy()
      halfRead.destroy()
      await buffer(whole)
      t.ok(await until(async () => (await descriptors()) === 0))
    })

    t.test('withFile gives a path to the bytes', async t => {
      await put('a', 'abc')
      t.equal(await storage.withFile('a', path => readFile(path, 'utf8')), 'abc')
      await t.rejects(
        storage.withFile('a', async () => Promise.reject(new Error('no'))),
        { message: 'no' },
      )
    })

    t.test('adopt takes a file over, replacing what was there for all who read from then on', async t => {
      await put('artifacts/v/audio.mp3', 'old')
      const reader = await storage.read('artifacts/v/audio.mp3')
      const path = await made('brand new')
      t.equal(await storage.adopt(path, 'artifacts/v/audio.mp3'), 9)
      t.equal(await get('artifacts/v/audio.mp3'), 'brand new')
      t.equal(await text(reader), 'old')
      await t.rejects(stat(path), { code: 'ENOENT' })
      t.equal(await storage.adopt(await made('x'), 'somewhere/deep/below/x'), 1)
      t.equal(await get('somewhere/deep/below/x'), 'x')
    })

    t.test('adopt of a file that is not there leaves the object', async t => {
      await put('a', 'old')
      await t.rejects(storage.adopt(join(directory, 'absent'), 'a'), { code: 'ENOENT' })
      t.equal(await get('a'), 'old')
    })

    t.test('sync and size tell the size, or that there is nothing', async t => {
      await put('uploads/a', 'abc')
      t.equal(await storage.sync('uploads/a'), 3)
      t.equal(await storage.size('uploads/a'), 3)
      for (const absent of ['uploads/b', 'nowhere/b']) {
        t.equal(await storage.sync(absent), undefined)
        t.equal(await storage.size(absent), undefined)
      }
    })

    t.test('remove takes an object, or all below a prefix, and nothing else', async t => {
      for (const key of ['artifacts/v1/a', 'artifacts/v1/b/c', 'artifacts/v10/a', 'uploads/v1'])
        await put(key, key)
      await storage.remove('artifacts/v1/a')
      t.equal(await storage.size('artifacts/v1/a'), undefined)
      await storage.remove('artifacts/v1/')
      t.same(await storage.list('artifacts/'), ['artifacts/v10/a'])
      t.equal(await get('uploads/v1'), 'uploads/v1')
    })

    t.test('remove bears what is not there, and somebody else who removes the same', async t => {
      await put('uploads/a', 'a')
      await put('artifacts/v/a', 'a')
      const both = ['uploads/a', 'artifacts/v/']
      await t.resolves(Promise.all([...both, ...both, ...both].map(key => storage.remove(key))))
      for (const key of [...both, 'never/was', 'never/']) await t.resolves(storage.remove(key))
      t.same(await storage.list('uploads/'), [])
    })

    t.test('lists keys below a prefix, in order', async t => {
      t.same(await storage.list('artifacts/'), [])
      for (const key of ['artifacts/v/b', 'artifacts/v/a', 'artifacts/w/c', 'uploads/v']) await put(key, '')
      t.same(await storage.list('artifacts/v/'), ['artifacts/v/a', 'artifacts/v/b'])
      t.same(await storage.list('artifacts/'), ['artifacts/v/a', 'artifacts/v/b', 'artifacts/w/c'])
    })

    t.test('refuses whatever could leave its directory', async t => {
      await mkdir(join(directory, 'inner'))
      const inner = open(join(directory, 'inner'))
      await writeFile(join(directory, 'secret'), 'not yours')
      const bad = [
        '',
        '/',
        '.',
        '..',
        '../secret',
        '/etc/passwd',
        'a/../../secret',
        'a/..',
        'a//b',
        './a',
        'a/./b',
      ]
      const encoded = [
        '%2e%2e/secret',
        '..%2fsecret',
        '..\\secret',
        'a\\b',
        'a\0b',
        'secret\0',
        'a\n',
        'a b',
        'é',
        '~/a',
        '-rf',
        '.hidden',
      ]
      for (const key of [...bad, ...encoded]) {
        const calls: Record<string, () => Promise<unknown>> = {
          create: () => inner.create(key),
          append: () => inner.append(key, 0, bytes('x'), nothing),
          sync: () => inner.sync(key),
          size: () => inner.size(key),
          read: () => inner.read(key),
          withFile: async () => inner.withFile(key, async () => {}),
          adopt: async () => inner.adopt(await made('x'), key),
          remove: () => inner.remove(key),
          list: () => inner.list(key),
        }
        for (const [name, call] of Object.entries(calls)) {
          await t.rejects((async () => call())(), /not a storage key/, `${name} ${JSON.stringify(key)}`)
        }
      }
      t.equal(await readFile(join(directory, 'secret'), 'utf8'), 'not yours')
      t.same(await readdir(join(directory, 'inner')), [])
    })

    t.test('check leaves nothing behind, and fails where nothing can be written', async t => {
      await t.resolves(storage.check())
      t.same(await readdir(directory), [])
      // Something that is no directory in its place: root may write anywhere else.
      await rename(directory, `${directory}-gone`)
      await writeFile(directory, '')
      t.teardown(() => rename(`${directory}-gone`, directory).catch(nothing))
      await t.rejects(storage.check())
    })
  })
}
