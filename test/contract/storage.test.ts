import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import type { Storage } from '../../src/objects/object-storage.ts'
import { bytes, STORAGES } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const nothing = async () => {}

for (const [implementation, open] of Object.entries(STORAGES)) {
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
      await storage.append('part', 0, bytes(Buffer.alloc(5_000_000)), nothing)
      // Not the one that was appended to, which may be kept open for more.
      await storage.concatenate(['part'], 'big')
      const descriptors = async () => {
        const names = await readdir('/proc/self/fd')
        const targets = await Promise.all(
          names.map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')),
        )
        return targets.filter(target => target.startsWith(directory) && !target.endsWith('part')).length
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
      await until(async () => (await descriptors()) === 0)
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

    t.test('size tells the size, or that there is nothing', async t => {
      await put('uploads/a', 'abc')
      t.equal(await storage.size('uploads/a'), 3)
      for (const absent of ['uploads/b', 'nowhere/b']) t.equal(await storage.size(absent), undefined)
    })

    t.test('a seal lasts until the object changes', async t => {
      const mark = new Date('2020-01-01T00:00:00Z')
      await put('uploads/a', 'abc')
      t.equal(await storage.isSealed('uploads/a', mark), false)
      await storage.seal('uploads/a', mark)
      t.equal(await storage.isSealed('uploads/a', mark), true)
      t.equal(await open(directory).isSealed('uploads/a', mark), true, 'for whoever comes later')
      t.equal(await storage.isSealed('uploads/a', new Date('2020-01-01T00:00:01Z')), false)
      await storage.append('uploads/a', 2, bytes('d'), nothing)
      t.equal(await storage.isSealed('uploads/a', mark), false, 'the same size, and other bytes')
      await storage.seal('uploads/a', mark)
      await storage.truncate('uploads/a', 2)
      t.equal(await storage.isSealed('uploads/a', mark), false)
      t.equal(await storage.isSealed('uploads/absent', mark), false)
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
          seal: () => inner.seal(key, new Date()),
          isSealed: () => inner.isSealed(key, new Date()),
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
      await writeFile(join(directory, `check.${randomUUID()}`), 'x')
      const young = await readdir(directory)
      const left = join(directory, `check.${randomUUID()}`)
      await writeFile(left, 'of a process that was killed an hour ago')
      const then = new Date(Date.now() - 3_600_000)
      await utimes(left, then, then)
      await t.resolves(storage.check())
      t.same(await readdir(directory), young)
      // Something that is no directory in its place: root may write anywhere else.
      await rename(directory, `${directory}-gone`)
      await writeFile(directory, '')
      t.teardown(async () => {
        await rm(directory)
        await rename(`${directory}-gone`, directory)
      })
      await t.rejects(storage.check())
    })
  })
}
