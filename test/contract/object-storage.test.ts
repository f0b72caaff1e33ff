import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import type { ObjectStorage } from '../../src/objects/object-storage.ts'
import { storagesWithS3 } from '../support/s3-storage.ts'
import { bytes } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

for (const [implementation, openEmpty] of Object.entries(await storagesWithS3(t))) {
  t.test(implementation, async t => {
    let objects: ObjectStorage
    let reopen: () => ObjectStorage
    t.beforeEach(() => {
      const open = openEmpty()
      reopen = () => open().objects
      objects = reopen()
    })
    const write = (key: string, content: string) => objects.write(key, bytes(content))
    const get = async (key: string) => text(await objects.read(key))

    /** A finished local file, as a worker makes it. */
    async function made(content: string): Promise<string> {
      const path = join(throwAwayDirectory('made'), 'made-by-a-worker')
      await writeFile(path, content)
      return path
    }

    t.test('write makes an object of a stream, for other processes too', async t => {
      const chunks = [0, 1, 0, 3_000_000, 3, 1024 * 1024, 0].map((size, index) => Buffer.alloc(size, index))
      const whole = Buffer.concat(chunks)
      t.equal(await objects.write('recordings/r/a', bytes(...chunks)), whole.length)
      t.ok((await buffer(await reopen().read('recordings/r/a'))).equals(whole))
      t.equal(await objects.write('empty', bytes()), 0)
      t.equal(await objects.size('empty'), 0)
      t.equal(await get('empty'), '')
    })

    t.test('write leaves nothing when its source fails', async t => {
      async function* failing() {
        yield Buffer.from('arrived')
        throw new Error('the client is gone')
      }
      await t.rejects(objects.write('recordings/r/a', failing()), { message: 'the client is gone' })
      t.equal(await objects.size('recordings/r/a'), undefined)
    })

    t.test('reads all, ranges and single bytes', async t => {
      await write('a', '0123456789')
      const range = async (start: number, end: number) => text(await objects.read('a', { start, end }))
      t.equal(await get('a'), '0123456789')
      t.equal(await range(0, 9), '0123456789')
      t.equal(await range(2, 4), '234')
      t.equal(await range(0, 0), '0')
      t.equal(await range(9, 9), '9')
    })

    t.test('send hands over a range, and stops when the receiver wants no more', async t => {
      const whole = Buffer.alloc(3_000_000)
      for (let at = 0; at < whole.length; at += 4) whole.writeUInt32LE(at, at)
      await objects.write('a', bytes(whole))
      const received: Buffer[] = []
      const range = { start: 5, end: 2_999_990 }
      await objects.send('a', range, async piece => Boolean(received.push(Buffer.from(piece))))
      t.ok(Buffer.concat(received).equals(whole.subarray(5, 2_999_991)))
      let calls = 0
      await objects.send('a', range, async () => {
        calls++
        return false
      })
      t.equal(calls, 1)
      await t.rejects(objects.send('a', { start: 0, end: 3_000_000 }, async () => true))
    })

    t.test('an object that is not there cannot be read', async t => {
      await t.rejects((async () => buffer(await objects.read('absent')))())
      await t.rejects(objects.send('absent', { start: 0, end: 0 }, async () => true))
      await t.rejects(objects.withFile('absent', path => readFile(path)))
    })

    t.test('withFile gives a path to the bytes', async t => {
      await write('a', 'abc')
      t.equal(await objects.withFile('a', path => readFile(path, 'utf8')), 'abc')
      await t.rejects(
        objects.withFile('a', async () => Promise.reject(new Error('no'))),
        { message: 'no' },
      )
    })

    t.test('put moves a file in, and replaces the object for all later readers', async t => {
      await write('artifacts/v/audio.mp3', 'old')
      const reader = await objects.read('artifacts/v/audio.mp3')
      const path = await made('brand new')
      t.equal(await objects.put(path, 'artifacts/v/audio.mp3'), 9)
      t.equal(await get('artifacts/v/audio.mp3'), 'brand new')
      t.equal(await text(reader), 'old')
      await t.rejects(stat(path), { code: 'ENOENT' })
      t.equal(await objects.put(await made('x'), 'somewhere/deep/below/x'), 1)
      t.equal(await get('somewhere/deep/below/x'), 'x')
    })

    t.test('put of a file that is not there leaves the object', async t => {
      await write('a', 'old')
      await t.rejects(objects.put(join(throwAwayDirectory('made'), 'absent'), 'a'))
      t.equal(await get('a'), 'old')
    })

    t.test('size tells the size, or that there is nothing', async t => {
      await write('artifacts/a', 'abc')
      t.equal(await objects.size('artifacts/a'), 3)
      for (const absent of ['artifacts/b', 'nowhere/b']) t.equal(await objects.size(absent), undefined)
    })

    t.test('remove takes an object, or all below a prefix, and nothing else', async t => {
      const kept = ['artifacts/v10/a', 'uploads/v1']
      const removed = ['artifacts/v1/a', 'artifacts/v1/b/c']
      for (const key of [...kept, ...removed]) await write(key, key)
      await objects.remove('artifacts/v1/a')
      t.equal(await objects.size('artifacts/v1/a'), undefined)
      t.equal(await objects.size('artifacts/v1/b/c'), 16)
      await objects.remove('artifacts/v1/')
      for (const key of removed) t.equal(await objects.size(key), undefined)
      for (const key of kept) t.equal(await get(key), key)
    })

    t.test('remove keeps one object below a prefix', async t => {
      for (const key of ['uploads/v1/a', 'uploads/v1/b/c', 'uploads/v1/d']) await write(key, key)
      await objects.remove('uploads/v1/', 'uploads/v1/b/c')
      t.equal(await get('uploads/v1/b/c'), 'uploads/v1/b/c')
      for (const key of ['uploads/v1/a', 'uploads/v1/d']) t.equal(await objects.size(key), undefined)
      await objects.remove('uploads/v1/', 'uploads/v2/a')
      t.equal(await objects.size('uploads/v1/b/c'), undefined)
    })

    t.test('remove bears what is not there, and others that remove the same', async t => {
      await write('uploads/a', 'a')
      await write('artifacts/v/a', 'a')
      const both = ['uploads/a', 'artifacts/v/']
      await t.resolves(Promise.all([...both, ...both, ...both].map(key => objects.remove(key))))
      for (const key of [...both, 'never/was', 'never/']) await t.resolves(objects.remove(key))
      t.equal(await objects.size('uploads/a'), undefined)
    })

    t.test('check passes, and leaves the objects alone', async t => {
      await write('a', 'kept')
      await t.resolves(objects.check())
      t.equal(await get('a'), 'kept')
    })
  })
}
