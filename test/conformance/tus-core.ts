import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { LastingService } from '../support/lasting-service.ts'
import { OCTETS, TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { MAX } from './limits.ts'

// tus resumable upload protocol 1.0.0, Core Protocol: https://tus.io/protocols/resumable-upload. Each test names the section that
// it is made from.

const UNKNOWN = '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const HALF = '01234'
const REST = '56789'

export async function tusCore(t: Test, { service }: LastingService): Promise<void> {
  const tus = new TusWire(service.url)
  const stored = (path: string) => readFileSync(join(service.dataDir, path), 'utf8')
  /** An upload of ten bytes that has the first five. */
  const begun = async () => {
    const path = await tus.create(10)
    t.equal((await tus.patch(path, 0, HALF)).status, 204)
    return path
  }
  const unchanged = async (path: string) => {
    t.equal(await tus.offset(path), 5, 'the offset is what it was')
    t.equal(stored(path), HALF, 'the bytes are what they were')
  }

  await t.test('Upload-Offset: a non-negative integer, nothing else', async t => {
    const path = await begun()
    for (const value of ['-5', '+5', '5.0', '5e0', '0x5', '', ' ', 'five', '5,5', '99999999999999999999'])
      t.equal((await tus.patch(path, value, REST)).status, 400, JSON.stringify(value))
    const none = await tus.send('PATCH', path, { 'content-type': OCTETS }, REST)
    t.equal(none.status, 400, 'absent')
    await unchanged(path)
  })

  await t.test('Upload-Length: a non-negative integer, nothing else', async t => {
    for (const value of ['-1', '+1', '1.0', '1e1', '0x1', '', 'ten', '1,1', '9007199254740992'])
      t.equal(
        (await tus.send('POST', '/uploads', { 'upload-length': value })).status,
        400,
        JSON.stringify(value),
      )
  })

  await t.test('Tus-Version: the versions there are, the preferred one first', async t => {
    const { headers } = await tus.send('OPTIONS', '/uploads', { 'tus-resumable': undefined })
    t.match(headers['tus-version'], /^1\.0\.0(,\d+\.\d+\.\d+)*$/)
  })

  await t.test('Tus-Resumable: in every answer, whatever it says', async t => {
    const path = await begun()
    const answers = {
      creation: await tus.send('POST', '/uploads', { 'upload-length': 1 }),
      'creation refused': await tus.send('POST', '/uploads'),
      'creation too large': await tus.send('POST', '/uploads', { 'upload-length': MAX + 1 }),
      HEAD: await tus.head(path),
      'HEAD of nothing': await tus.head(UNKNOWN),
      'HEAD of no id': await tus.head('/uploads/none'),
      'PATCH conflict': await tus.patch(path, 0, REST),
      'PATCH of nothing': await tus.patch(UNKNOWN, 0, REST),
      'PATCH without offset': await tus.send('PATCH', path, { 'content-type': OCTETS }, REST),
      'PATCH of another type': await tus.patch(path, 5, REST, { 'content-type': 'text/plain' }),
      'PATCH of too much': await tus.patch(path, 5, 'x'.repeat(100)),
      PATCH: await tus.patch(path, 5, REST),
      DELETE: await tus.send('DELETE', await tus.create(1)),
      'DELETE of nothing': await tus.send('DELETE', UNKNOWN),
      'another version': await tus.send('HEAD', path, { 'tus-resumable': '0.2.2' }),
    }
    for (const [name, { status, headers }] of Object.entries(answers))
      t.equal(headers['tus-resumable'], '1.0.0', `${name}: ${status}`)
  })

  for (const version of ['0.2.2', '2.0.0', '1.0', '', undefined]) {
    await t.test(`Tus-Resumable: version ${version} is refused with 412 and not processed`, async t => {
      const path = await begun()
      const bad = { 'tus-resumable': version }
      const answers = {
        POST: await tus.send('POST', '/uploads', { ...bad, 'upload-length': 10 }),
        HEAD: await tus.send('HEAD', path, bad),
        PATCH: await tus.patch(path, 5, REST, bad),
        DELETE: await tus.send('DELETE', path, bad),
      }
      for (const [method, { status, headers }] of Object.entries(answers)) {
        t.equal(status, 412, method)
        t.match(headers['tus-version'], /^1\.0\.0/, `${method} names the versions`)
        t.notOk(headers['location'] ?? headers['upload-offset'], `${method} says nothing else`)
      }
      await unchanged(path)
    })
  }

  await t.test('Tus-Extension: the extensions, comma-separated', async t => {
    const { headers } = await tus.send('OPTIONS', '/uploads')
    const names = String(headers['tus-extension']).split(',')
    const known =
      /^(creation(-with-upload|-defer-length)?|expiration|checksum(-trailer)?|termination|concatenation(-unfinished)?)$/
    for (const name of names) t.match(name, known)
    t.equal(new Set(names).size, names.length, 'each once')
    t.ok(names.includes('creation'))
  })

  await t.test('Tus-Max-Size: the limit there is, and one that holds', async t => {
    const { headers } = await tus.send('OPTIONS', '/uploads')
    t.equal(headers['tus-max-size'], `${MAX}`)
    t.equal((await tus.send('POST', '/uploads', { 'upload-length': MAX })).status, 201)
    t.equal((await tus.send('POST', '/uploads', { 'upload-length': MAX + 1 })).status, 413)
  })

  await t.test('X-HTTP-Method-Override: taken for the method, the actual one ignored', async t => {
    for (const actual of ['POST', 'PATCH', 'DELETE', 'HEAD']) {
      const as = (method: string) => ({ 'x-http-method-override': method })
      const path = await begun()
      const head = await tus.send(actual, path, as('HEAD'))
      t.equal(head.status, 200, `${actual} as HEAD`)
      t.equal(head.headers['upload-offset'], '5')
      // Node's client sends no body with HEAD, and with DELETE only one whose length is told.
      const body = actual === 'HEAD' ? '' : REST
      const octets = { 'content-type': OCTETS, 'upload-offset': 5, 'content-length': body.length }
      const patch = await tus.send(actual, path, { ...as('PATCH'), ...octets }, body)
      t.equal(patch.status, 204, `${actual} as PATCH: ${patch.text}`)
      t.equal(patch.headers['upload-offset'], actual === 'HEAD' ? '5' : '10')
      const doomed = await begun()
      t.equal((await tus.send(actual, doomed, as('DELETE'))).status, 204, `${actual} as DELETE`)
      t.match((await tus.head(doomed)).status, /404|410/)
    }
    const patched = await tus.send('PATCH', '/uploads', {
      'x-http-method-override': 'POST',
      'upload-length': 1,
    })
    t.equal(patched.status, 201, 'PATCH as POST')
    const path = await begun()
    for (const method of ['FOO', 'GET', 'PUT', 'TRACE', 'CONNECT', 'constructor']) {
      const headers = { 'x-http-method-override': method, 'upload-length': 1, 'upload-offset': 5 }
      const { status } = await tus.send('POST', path, { ...headers, 'content-type': OCTETS }, REST)
      t.ok(status >= 400 && status < 500, `${method}, which there is not: ${status}`)
    }
    await unchanged(path)
  })

  await t.test('HEAD: always the offset, the length where it is known, never cached', async t => {
    const path = await tus.create(10)
    for (const [offset, next] of [
      [0, HALF],
      [5, REST],
      [10, ''],
    ] as const) {
      const { status, headers } = await tus.head(path)
      t.ok(status === 200 || status === 204, `status ${status}`)
      t.equal(headers['upload-offset'], `${offset}`)
      t.equal(headers['upload-length'], '10')
      t.match(headers['cache-control'], /\bno-store\b/)
      t.equal((await tus.patch(path, offset, next)).status, 204)
    }
    const deferred = await tus.head(await tus.create('deferred'))
    t.equal(deferred.headers['upload-offset'], '0')
    t.equal(deferred.headers['upload-length'], undefined, 'not known')
  })

  await t.test('HEAD: what is not there has no offset', async t => {
    const gone = await begun()
    await tus.send('DELETE', gone)
    for (const path of [UNKNOWN, gone, '/uploads/none']) {
      const { status, headers } = await tus.head(path)
      t.ok([403, 404, 410].includes(status), `${path}: ${status}`)
      t.equal(headers['upload-offset'], undefined)
    }
  })

  await t.test('PATCH: bytes of another type are refused with 415', async t => {
    const path = await begun()
    for (const type of ['application/octet-stream', 'text/plain', `${OCTETS}x`, undefined])
      t.equal((await tus.patch(path, 5, REST, { 'content-type': type })).status, 415, `${type}`)
    await unchanged(path)
  })

  await t.test('PATCH: another offset than the current one is refused with 409', async t => {
    const path = await begun()
    for (const offset of [0, 4, 6, 10, 11, Number.MAX_SAFE_INTEGER]) {
      const { status, headers } = await tus.patch(path, offset, 'x')
      t.equal(status, 409, `offset ${offset}`)
      t.equal(headers['upload-offset'], '5', 'the answer tells where to go on')
    }
    await unchanged(path)
  })

  await t.test('PATCH: 204 names the sum of the old offset and the bytes taken', async t => {
    const path = await tus.create(10)
    let offset = 0
    for (const piece of ['0', '', '1234', '56789']) {
      const { status, headers, text } = await tus.patch(path, offset, piece)
      offset += piece.length
      t.equal(status, 204)
      t.equal(text, '')
      t.equal(headers['upload-offset'], `${offset}`)
      t.equal(await tus.offset(path), offset)
    }
    t.equal(stored(path), HALF + REST)
  })

  await t.test('PATCH: a body without a length of its own is taken too', async t => {
    const path = await tus.create(10)
    const { outgoing, answer } = tus.openPatch(path, 0)
    outgoing.write(HALF)
    outgoing.end(REST)
    const { status, headers } = await answer
    t.equal(status, 204)
    t.equal(headers['upload-offset'], '10')
    t.equal(stored(path), HALF + REST)
  })

  await t.test('PATCH: of what is not there: 404', async t => {
    t.equal((await tus.patch(UNKNOWN, 0, 'x')).status, 404)
    t.equal((await tus.head(UNKNOWN)).status, 404, 'and it makes nothing')
  })

  await t.test('PATCH: more than the upload has room for is not taken', async t => {
    const path = await begun()
    const announced = await tus.patch(path, 5, `${REST}!`)
    t.equal(announced.status, 413)
    await unchanged(path)
    const { outgoing, answer } = tus.openPatch(path, 5)
    outgoing.end(`${REST}!`)
    t.equal((await answer).status, 413, 'a chunked body likewise')
    t.ok((await tus.offset(path)) <= 10)
  })

  await t.test('PATCH: of a body that is broken off as much as arrived is kept', async t => {
    const bytes = Buffer.alloc(500_000, 'abcdefg')
    const path = await tus.create(bytes.length)
    const { outgoing } = tus.openPatch(path, 0, { 'content-length': bytes.length })
    outgoing.write(bytes.subarray(0, 300_000), () => outgoing.destroy())
    // More may still be on its way to the file.
    await until(async () => {
      const kept = await tus.offset(path)
      if (!kept) return false
      t.ok(kept <= 300_000)
      t.ok(bytes.subarray(0, kept).equals(Buffer.from(stored(path)).subarray(0, kept)), `${kept} bytes`)
      return (await tus.patch(path, kept, bytes.subarray(kept))).status === 204
    })
    t.ok(bytes.equals(Buffer.from(stored(path))))
  })

  await t.test('OPTIONS: what the server can, whatever version is asked for', async t => {
    for (const version of [undefined, '1.0.0', '0.2.2', 'nonsense']) {
      const { status, headers } = await tus.send('OPTIONS', '/uploads', { 'tus-resumable': version })
      t.ok(status === 200 || status === 204, `${version}: ${status}`)
      t.match(headers['tus-version'], /^1\.0\.0/)
      t.ok(headers['tus-extension'])
      t.ok(headers['tus-max-size'])
    }
  })
}
