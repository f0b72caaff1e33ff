import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { LastingService } from '../support/lasting-service.ts'
import { openRequest } from '../support/raw-request.ts'
import { uploadId } from '../support/tus-upload.ts'
import { OCTETS, TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { getJson, isWholeVideo } from '../support/video-api.ts'
import { MAX } from './limits.ts'

// tus resumable upload protocol 1.0.0, Creation and Creation With Upload.

const base64 = (text: string) => Buffer.from(text).toString('base64')

export async function tusCreation(t: Test, { service }: LastingService): Promise<void> {
  const tus = new TusWire(service.url)
  const stored = (path: string) => readFileSync(join(service.dataDir, path), 'utf8')
  const isVideo = (path: string) => isWholeVideo(service.url, uploadId(path))
  const videoCount = async () =>
    (await getJson<{ items: unknown[] }>(`${service.url}/videos?limit=100`)).items.length

  await t.test('Tus-Extension names what there is', async t => {
    const { headers } = await tus.send('OPTIONS', '/uploads')
    const names = String(headers['tus-extension']).split(',')
    for (const name of ['creation', 'creation-with-upload', 'creation-defer-length'])
      t.ok(names.includes(name), name)
  })

  await t.test('POST: 201 with a Location at which there is an empty upload', async t => {
    const { status, headers } = await tus.send('POST', '/uploads', { 'upload-length': 10 })
    t.equal(status, 201)
    const { pathname, origin } = new URL(headers.location!, `${service.url}/uploads`)
    t.equal(origin, service.url, 'relative, or absolute to where it is served')
    t.match((await tus.head(pathname)).headers, { 'upload-offset': '0', 'upload-length': '10' })
  })

  await t.test('POST: exactly one of Upload-Length and Upload-Defer-Length', async t => {
    t.equal((await tus.send('POST', '/uploads')).status, 400, 'neither')
    const both = { 'upload-length': 1, 'upload-defer-length': 1 }
    t.equal((await tus.send('POST', '/uploads', both)).status, 400, 'both')
  })

  await t.test('Upload-Defer-Length: 1 and nothing else', async t => {
    for (const value of ['0', '2', '', 'true', '01', '1,1'])
      t.equal(
        (await tus.send('POST', '/uploads', { 'upload-defer-length': value })).status,
        400,
        JSON.stringify(value),
      )
  })

  await t.test('Upload-Defer-Length: in every HEAD until the length is known, and never again', async t => {
    const path = await tus.create('deferred')
    for (const [offset, piece] of [
      [0, 'abc'],
      [3, 'def'],
    ] as const) {
      const { headers } = await tus.head(path)
      t.equal(headers['upload-defer-length'], '1')
      t.equal(headers['upload-length'], undefined)
      t.equal((await tus.patch(path, offset, piece)).status, 204)
    }
    t.notOk(await isVideo(path), 'not complete')
    const told = await tus.patch(path, 6, 'gh', { 'upload-length': 10 })
    t.equal(told.status, 204)
    const { headers } = await tus.head(path)
    t.match(headers, { 'upload-offset': '8', 'upload-length': '10' })
    t.equal(headers['upload-defer-length'], undefined)
    t.equal((await tus.patch(path, 8, 'ij')).status, 204)
    t.equal(stored(path), 'abcdefghij')
    t.ok(await isVideo(path))
  })

  await t.test('Upload-Length: once set it is not changed', async t => {
    const path = await tus.create('deferred')
    t.equal((await tus.patch(path, 0, 'abc', { 'upload-length': 5 })).status, 204)
    for (const length of [3, 4, 6]) {
      const { status } = await tus.patch(path, 3, '', { 'upload-length': length })
      t.ok(status >= 400 && status < 500, `${length} is refused: ${status}`)
    }
    t.equal((await tus.patch(path, 3, '', { 'upload-length': 5 })).status, 204, 'the same again is no change')
    t.match((await tus.head(path)).headers, { 'upload-offset': '3', 'upload-length': '5' })
    t.notOk(await isVideo(path))
  })

  await t.test('Upload-Length: kept though the body that came with it is broken off', async t => {
    const path = await tus.create('deferred')
    const { outgoing } = tus.openPatch(path, 0, { 'upload-length': 10, 'content-length': 10 })
    outgoing.write('abc')
    await until(async () => (await tus.head(path)).headers['upload-length'] === '10')
    outgoing.destroy()
    // What had arrived may still be on its way to the disk: then it is a conflict first.
    await until(async () => {
      const offset = await tus.offset(path)
      return (await tus.patch(path, offset, 'abcdefghij'.slice(offset))).status === 204
    })
    t.ok(await isVideo(path), 'it ends without the length being told again')
  })

  await t.test('Upload-Length: 0 is complete at once', async t => {
    const path = await tus.create(0)
    const { headers } = await tus.head(path)
    t.match(headers, { 'upload-offset': '0', 'upload-length': '0' })
    t.ok(await isVideo(path))
    t.equal((await tus.patch(path, 0, '')).status, 204)
    t.equal((await tus.patch(path, 0, 'x')).status, 413, 'and takes nothing')
  })

  await t.test('Upload-Metadata: HEAD gives back what the creation said', async t => {
    for (const metadata of [
      `filename ${base64('clip.mp4')}`,
      `title ${base64('Grüße, 世界 🎬')},is_confidential,language ${base64('de')}`,
      `x-${'k'.repeat(50)} ${base64('of the client')}`,
    ]) {
      const path = await tus.create(10, { 'upload-metadata': metadata })
      const names = (value: unknown) => String(value).split(',').toSorted()
      t.same(names((await tus.head(path)).headers['upload-metadata']), names(metadata))
      await tus.patch(path, 0, '0123456789')
      t.same(names((await tus.head(path)).headers['upload-metadata']), names(metadata), 'finished likewise')
    }
    const none = await tus.head(await tus.create(1))
    t.equal(none.headers['upload-metadata'], undefined)
  })

  await t.test('Upload-Metadata: a value cannot bring headers of its own', async t => {
    const injected = `filename ${base64('a\r\nX-Injected: 1')}`
    const { status, headers } = await tus.send('POST', '/uploads', {
      'upload-length': 1,
      'upload-metadata': injected,
    })
    t.equal(headers['x-injected'], undefined)
    if (status === 201) {
      const head = await tus.head(headers.location!)
      t.equal(head.headers['x-injected'], undefined)
      t.equal((await fetch(`${service.url}${headers.location}`)).headers.get('x-injected'), null)
    } else t.equal(status, 400)
  })

  await t.test('POST: more than Tus-Max-Size is refused with 413', async t => {
    for (const length of [MAX + 1, Number.MAX_SAFE_INTEGER])
      t.equal((await tus.send('POST', '/uploads', { 'upload-length': length })).status, 413)
  })

  await t.test('Creation With Upload: a first piece, and the answer says how much was taken', async t => {
    const { status, headers } = await tus.send(
      'POST',
      '/uploads',
      { 'upload-length': 10, 'content-type': OCTETS },
      'hello',
    )
    t.equal(status, 201)
    t.equal(headers['upload-offset'], '5')
    const path = headers.location!
    t.equal(await tus.offset(path), 5)
    t.equal(stored(path), 'hello')
    t.equal((await tus.patch(path, 5, 'world')).status, 204)
    t.ok(await isVideo(path))
  })

  await t.test('Creation With Upload: all of it makes the video', async t => {
    const { status, headers } = await tus.send(
      'POST',
      '/uploads',
      { 'upload-length': 5, 'content-type': OCTETS },
      'hello',
    )
    t.equal(status, 201)
    t.equal(headers['upload-offset'], '5')
    t.ok(await isVideo(headers.location!))
  })

  await t.test('Creation With Upload: with a length that is told later', async t => {
    const deferred = { 'upload-defer-length': 1, 'content-type': OCTETS }
    const { status, headers } = await tus.send('POST', '/uploads', deferred, 'hello')
    t.equal(status, 201)
    t.equal(headers['upload-offset'], '5')
    const last = await tus.patch(headers.location!, 5, '', { 'upload-length': 5 })
    t.equal(last.status, 204)
    t.ok(await isVideo(headers.location!))
  })

  await t.test('Creation With Upload: bytes of another type are no part of the upload', async t => {
    const before = await videoCount()
    const length = { 'upload-length': 5 }
    for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'nonsense', undefined])
      for (const framing of [{}, { 'transfer-encoding': 'chunked' }]) {
        const headers = { ...length, ...framing, 'content-type': type }
        const { status, text } = await tus.send('POST', '/uploads', headers, 'hello')
        t.equal(status, 415, `${JSON.stringify(headers)} ${text}`)
        const { status: bare } = await tus.send('POST', '/uploads', headers)
        t.equal(bare, 201, 'a type without a body is what some clients send')
      }
    t.equal(await videoCount(), before)
  })

  await t.test('Creation With Upload: more than was announced is refused', async t => {
    const before = await videoCount()
    const { status } = await tus.send(
      'POST',
      '/uploads',
      { 'upload-length': 4, 'content-type': OCTETS },
      'hello',
    )
    t.equal(status, 413)
    for (const framing of [{}, { 'transfer-encoding': 'chunked' }]) {
      const headers = { 'upload-length': 0, 'content-type': OCTETS, ...framing }
      t.equal((await tus.send('POST', '/uploads', headers, 'hello')).status, 413, 'also if that was nothing')
    }
    t.equal(await videoCount(), before)
  })

  await t.test('Creation With Upload: of no bytes has an Upload-Offset as well', async t => {
    for (const length of [0, 5])
      for (const framing of [{}, { 'transfer-encoding': 'chunked' }, { 'content-length': 0 }]) {
        const headers = { 'upload-length': length, 'content-type': OCTETS, ...framing }
        const answer = await tus.send('POST', '/uploads', headers)
        t.match([answer.status, answer.headers['upload-offset']], [201, '0'], JSON.stringify(headers))
      }
  })

  await t.test('Creation With Upload: who asks with Expect: 100-continue is told to go on', async t => {
    const { outgoing, answer } = openRequest(service.url, '/uploads', {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': 5,
        'content-length': 5,
        'content-type': OCTETS,
        expect: '100-continue',
      },
    })
    outgoing.on('continue', () => outgoing.end('hello'))
    outgoing.flushHeaders()
    t.equal((await answer).status, 201)
  })
}
