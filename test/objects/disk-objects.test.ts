import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { openDescriptors } from '../support/open-descriptors.ts'
import { bytes, diskStorage } from '../support/storages.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

t.test('a destroyed read stream holds no descriptor', async t => {
  const directory = throwAwayDirectory('storage')
  const { objects } = diskStorage(directory)
  await objects.write('big', bytes(Buffer.alloc(5_000_000)))
  t.equal(openDescriptors(directory).length, 0)
  const [unread, halfRead, whole] = [
    await objects.read('big'),
    await objects.read('big'),
    await objects.read('big'),
  ]
  await once(halfRead, 'readable')
  halfRead.read(1000)
  t.equal(openDescriptors(directory).length, 3)
  unread.destroy()
  halfRead.destroy()
  await buffer(whole)
  await until(() => openDescriptors(directory).length === 0)
})

t.test('what is not there fails with ENOENT', async t => {
  const directory = throwAwayDirectory('storage')
  const { objects } = diskStorage(directory)
  await t.rejects(objects.read('absent'), { code: 'ENOENT' })
  await t.rejects(objects.put(join(directory, 'absent'), 'a'), { code: 'ENOENT' })
})

t.test('keys that could leave the directory are refused', async t => {
  const directory = throwAwayDirectory('storage')
  await mkdir(join(directory, 'inner'))
  const inner = diskStorage(join(directory, 'inner'))
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
  ]
  const shell = ['~/a', '-rf', '.hidden']
  const made = join(directory, 'made')
  await writeFile(made, 'x')
  for (const key of [...bad, ...encoded, ...shell]) {
    const calls: Record<string, () => Promise<unknown>> = {
      write: () => inner.objects.write(key, bytes('x')),
      put: () => inner.objects.put(made, key),
      size: () => inner.objects.size(key),
      read: () => inner.objects.read(key),
      send: () => inner.objects.send(key, { start: 0, end: 0 }, async () => true),
      withFile: () => inner.objects.withFile(key, async () => {}),
      remove: () => inner.objects.remove(key),
      concatenate: () => inner.bytes.concatenate([key], randomUUID()),
    }
    for (const [name, call] of Object.entries(calls))
      await t.rejects((async () => call())(), /not a storage key/, `${name} ${JSON.stringify(key)}`)
  }
  for (const id of ['../secret', '../../secret', 'a\0b', '..', 'a b', 'a\n']) {
    const upload = { id, offset: 0, state: null }
    const calls: Record<string, () => Promise<unknown>> = {
      create: () => inner.bytes.create(id),
      append: () => inner.bytes.append(upload, bytes('x'), async () => {}),
      size: () => inner.bytes.size(upload),
      complete: () => inner.bytes.complete(upload),
      remove: () => inner.bytes.remove(id, null),
    }
    for (const [name, call] of Object.entries(calls))
      await t.rejects((async () => call())(), /not a storage key/, `${name} ${JSON.stringify(id)}`)
  }
  t.equal(await readFile(join(directory, 'secret'), 'utf8'), 'not yours')
  t.same(await readdir(join(directory, 'inner')), [])
})

t.test('check leaves nothing behind, and fails if nothing can be written', async t => {
  const directory = throwAwayDirectory('storage')
  const { objects } = diskStorage(directory)
  await writeFile(join(directory, `check.${randomUUID()}`), 'x')
  const young = await readdir(directory)
  const left = join(directory, `check.${randomUUID()}`)
  await writeFile(left, 'of a process that was killed an hour ago')
  const then = new Date(Date.now() - 3_600_000)
  await utimes(left, then, then)
  await t.resolves(objects.check())
  t.same(await readdir(directory), young)
  // A file in the place of the directory: root may write anywhere else.
  await rename(directory, `${directory}-gone`)
  await writeFile(directory, '')
  t.teardown(async () => {
    await rm(directory)
    await rename(`${directory}-gone`, directory)
  })
  await t.rejects(objects.check())
})
