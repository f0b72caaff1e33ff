import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { clip } from '../../support/clips.ts'
import type { LastingService } from '../../support/lasting-service.ts'
import { storedFiles } from '../../support/leftovers.ts'
import { rawRequest } from '../../support/raw-request.ts'
import { cut, Recorder } from '../../support/recorder.ts'
import { startService } from '../../support/service.ts'
import { TusWire } from '../../support/tus-wire.ts'
import { until } from '../../support/until.ts'
import { endedVideo, getJson, sha256 } from '../../support/video-api.ts'

const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const source = readFileSync(await clip({ words: [{ word: 'apple', start: 0.5 }], container: 'webm' }))

export async function recordings(t: Test, { service }: LastingService): Promise<void> {
  const recorder = new Recorder(() => service.url)
  const bytesOf = async (id: string) => (await fetch(`${service.url}/videos/${id}/source`)).bytes()
  const waiting = async (id: string) =>
    (await storedFiles(service.dataDir)).filter(file => file.startsWith(`recordings/${id}/`))
  const refused = async (
    t: Test,
    what: string,
    request: ReturnType<Recorder['send']>,
    status: number,
    body: object,
  ) => {
    const answer = await request
    t.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`)
    t.match(answer.headers['content-type'] ?? 'application/problem+json', /^application\/problem\+json/)
    t.match(answer.body, body, what)
  }

  await t.test('a recording from its first chunk to its video', async t => {
    const { status, headers, body } = await recorder.send('POST', '/recordings', {
      title: 'Stand-up 🎬',
      description: 'Every day',
      language: 'en',
      type: 'video/webm;codecs=vp8,opus',
    })
    t.equal(status, 201)
    const { id } = body
    t.equal(headers.location, `/recordings/${id}`)
    t.match(body, {
      status: 'recording',
      type: 'video/webm;codecs=vp8,opus',
      next: 0,
      missing: [],
      bytes: 0,
      links: {
        self: `/recordings/${id}`,
        chunks: `/recordings/${id}/chunks/{n}`,
        finalize: `/recordings/${id}/finalize`,
        upload: `/uploads/${id}`,
        video: null,
      },
      video: null,
    })
    const pieces = cut(source, 6)
    let bytes = 0
    for (const [number, piece] of pieces.entries()) {
      const answer = await recorder.put(id, number, piece, { 'content-type': 'video/webm' })
      bytes += piece.length
      t.equal(answer.status, 200, JSON.stringify(answer.body))
      t.match(answer.body, { next: number + 1, missing: [], bytes, offset: bytes })
    }
    t.same(await waiting(id), [], 'nothing waits')
    t.match(await getJson(`${service.url}/videos/${id}`), { status: 'uploading' }, 'not a whole video yet')
    const closed = await recorder.finalize(id, { chunks: pieces.length })
    t.equal(closed.status, 200, JSON.stringify(closed.body))
    t.match(closed.body, { status: 'finished', missing: [], incomplete: false, expires_at: null })
    t.match(closed.body.video, { id, title: 'Stand-up 🎬', description: 'Every day', language: 'en' })
    t.same((await recorder.finalize(id)).body.links, closed.body.links, 'once more is the same')
    const video = await endedVideo(service.url, id)
    t.match(video, { status: 'ready', content_type: 'video/webm', sha256: sha256(source), incomplete: false })
    t.same((await recorder.state(id)).video, video)
    t.equal((await recorder.put(id, 2, pieces[2]!)).status, 200, 'a late repetition is no harm')
    await refused(t, 'other bytes', recorder.put(id, 2, 'x'), 409, { code: 'chunk_conflict' })
    await refused(t, 'more', recorder.put(id, 6, 'x'), 409, { code: 'recording_closed' })
    await refused(t, 'delete', recorder.send('DELETE', `/recordings/${id}`), 409, {
      code: 'recording_closed',
    })
    t.equal((await fetch(`${service.url}/videos/${id}`, { method: 'DELETE' })).status, 204)
    t.equal((await recorder.send('GET', `/recordings/${id}`)).status, 404)
  })

  await t.test('begun twice with one Idempotency-Key it is one', async t => {
    const begin = (body: object, key: string) =>
      rawRequest(service.url, '/recordings', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      })
    const one = await begin({ title: 'Once', type: 'video/webm' }, 'r1')
    t.equal(one.status, 201, one.text)
    const again = await begin({ type: 'video/webm', title: 'Once' }, 'r1')
    t.match(again, { status: 201, text: one.text, headers: { 'idempotency-replayed': 'true' } })
    t.equal(again.headers.location, one.headers.location)
    t.match(await begin({ title: 'Another' }, 'r1'), { status: 422 })
    t.not((await begin({ title: 'Once', type: 'video/webm' }, 'r2')).text, one.text)
    t.equal((await begin({ title: 1 }, 'r3')).status, 400)
    t.equal((await begin({ title: 'Once' }, 'r3')).status, 201, 'what failed may be tried again')
    const answers = await Promise.all(Array.from({ length: 5 }, () => begin({ title: 'Many' }, 'r4')))
    const made = answers.filter(({ status }) => status === 201)
    t.equal(new Set(made.map(({ text }) => text)).size, 1, 'of several at once')
  })

  await t.test('in any order, several at once, repeated', async t => {
    const id = await recorder.create()
    const pieces = cut(randomBytes(300_000), 40)
    const order = [...pieces.keys(), ...pieces.keys()].sort(() => Math.random() - 0.5)
    const queue = [...order]
    const worker = async () => {
      for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
        const { status, body } = await recorder.put(id, number, pieces[number]!)
        if (status !== 200) t.fail(`${number}: ${status} ${JSON.stringify(body)} of ${order}`)
      }
    }
    await Promise.all(Array.from({ length: 6 }, worker))
    t.match(await recorder.state(id), { next: 40, missing: [], bytes: 300_000, offset: 300_000 })
    t.equal((await recorder.finalize(id)).status, 200)
    t.ok(Buffer.concat(pieces).equals(await bytesOf(id)))
  })

  await t.test('what came before the others waits, and is named', async t => {
    const id = await recorder.create()
    t.match((await recorder.put(id, 3, 'dd')).body, { next: 0, missing: [0, 1, 2], bytes: 2, offset: 0 })
    t.match((await recorder.put(id, 1, 'bb')).body, { next: 0, missing: [0, 2], bytes: 4, offset: 0 })
    t.equal((await waiting(id)).length, 2)
    await refused(t, 'missing', recorder.finalize(id), 409, { code: 'chunks_missing', missing: [0, 2] })
    t.match((await recorder.put(id, 0, 'aa')).body, { next: 2, missing: [2], bytes: 6, offset: 4 })
    await refused(t, 'the last', recorder.finalize(id, { chunks: 6 }), 409, { missing: [2, 4, 5] })
    await refused(t, 'too few', recorder.finalize(id, { chunks: 3 }), 400, { field: 'chunks' })
    await refused(t, 'far ahead', recorder.put(id, 2 + 256, 'x'), 409, { code: 'window_exceeded', next: 2 })
    t.equal((await recorder.put(id, 2 + 255, '')).status, 200, 'an empty one, at the edge')
    const many = (await recorder.state(id)).missing
    t.equal(many.length, 254)
    const closed = await recorder.finalize(id, { allow_gaps: true })
    t.match(closed.body, { status: 'finished', incomplete: true, bytes: 6, video: { incomplete: true } })
    t.same(closed.body.missing, many, 'what never came is told')
    t.equal(Buffer.from(await bytesOf(id)).toString(), 'aabbdd')
    await until(async () => (await waiting(id)).length === 0)
  })

  await t.test('a chunk comes whole or not at all', async t => {
    const id = await recorder.create()
    const broken = recorder.openPut(id, 0, { 'content-length': 1000 })
    await new Promise<void>(resolve => broken.outgoing.write('aaaa', () => resolve()))
    await until(async () => (await waiting(id)).length === 1)
    broken.outgoing.destroy()
    await until(async () => (await waiting(id)).length === 0)
    t.match(await recorder.state(id), { next: 0, bytes: 0 })
    const digest = (bytes: string) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`
    await refused(t, 'digest', recorder.put(id, 0, 'abc', { 'content-digest': digest('abd') }), 400, {
      code: 'digest_mismatch',
    })
    t.match(await recorder.state(id), { next: 0, bytes: 0 })
    t.equal((await recorder.put(id, 0, 'abc', { 'content-digest': digest('abc') })).status, 200)
    t.equal((await recorder.put(id, 0, 'abc')).status, 200)
    await refused(t, 'other', recorder.put(id, 0, 'abd'), 409, { code: 'chunk_conflict' })

    const slow = [recorder.openPut(id, 1), recorder.openPut(id, 1), recorder.openPut(id, 1)]
    for (const { outgoing } of slow) outgoing.write('x')
    await until(async () => (await waiting(id)).length === 3)
    for (const [index, { outgoing }] of slow.entries()) outgoing.end(index === 2 ? 'z' : 'y')
    const statuses = await Promise.all(slow.map(async ({ answer }) => (await answer).status))
    t.ok(
      [[200, 200, 409].join(), [409, 409, 200].join()].includes(statuses.join()),
      `one of two contents is kept: ${statuses}`,
    )
    t.match(await recorder.state(id), { next: 2, bytes: 5 })
    t.same(await waiting(id), [])
    t.equal((await recorder.send('DELETE', `/recordings/${id}`)).status, 204)
    t.equal((await recorder.send('DELETE', `/recordings/${id}`)).status, 404)
    t.equal((await recorder.put(id, 2, 'x')).status, 404)
  })

  await t.test('a label that is not valid makes no recording impossible', async t => {
    const labels = {
      language: 'de_DE',
      type: 'webm',
      title: `\0${'x'.repeat(501)}`,
      description: null,
      more: 1,
    }
    const { status, body } = await recorder.send('POST', '/recordings', labels)
    t.match([status, body['type']], [201, null])
    const id = String(body['id'])
    t.equal((await recorder.put(id, 0, 'x')).status, 200)
    const { body: closed } = await recorder.finalize(id)
    t.match(closed, { video: { language: null, title: 'x'.repeat(500), description: '' } })
  })

  await t.test('what is refused', async t => {
    const id = await recorder.create()
    for (const [said, field] of [
      [{ title: 1 }, 'title'],
      [{ language: ['de'] }, 'language'],
    ] as const)
      await refused(t, field, recorder.send('POST', '/recordings', said), 400, { field })
    for (const number of ['-1', 'x', '1.5', '1e9', '100000', '%00'])
      await refused(t, number, recorder.put(id, number, 'x'), 400, { field: 'n' })
    for (const bad of ['x', '1', '%00', 'constructor']) {
      await refused(t, bad, recorder.put(bad, 0, 'x'), 400, { field: 'id' })
      await refused(t, bad, recorder.finalize(bad), 400, { field: 'id' })
    }
    await refused(t, 'unknown', recorder.put(UNKNOWN, 0, 'x'), 404, { code: 'not_found' })
    await refused(t, 'unknown', recorder.finalize(UNKNOWN), 404, { code: 'not_found' })
    await refused(t, 'unknown', recorder.send('DELETE', `/recordings/${UNKNOWN}`), 404, {})
    const fields = { chunk: randomBytes(9), index: '0' }
    await refused(t, 'unknown', recorder.form(`/recordings/${UNKNOWN}/chunks`, fields), 404, {})
    const plain = new TusWire(service.url)
    const upload = (await plain.create('deferred')).split('/').pop()!
    await refused(t, 'an upload that is none', recorder.put(upload, 0, 'x'), 404, {})
    await refused(t, 'empty', recorder.finalize(id), 409, { code: 'recording_empty' })
    await refused(t, 'a field', recorder.finalize(id, { chunk: 1 }), 400, { field: 'chunk' })
    await refused(t, 'a count', recorder.finalize(id, { chunks: 'x' }), 400, { field: 'chunks' })

    const { outgoing, answer } = recorder.openPut(id, 0, { 'content-length': 64 * 1024 * 1024 + 1 })
    outgoing.write('x')
    t.equal((await answer).status, 413, 'a chunk that is too large, before it is sent')
    outgoing.destroy()
    const long = recorder.openPut(id, 0)
    long.outgoing.on('error', () => {})
    const block = Buffer.alloc(1024 * 1024)
    for (let sent = 0; sent <= 64 && !long.outgoing.destroyed; sent++)
      await new Promise<void>(resolve => long.outgoing.write(block, () => resolve()))
    t.equal((await long.answer).status, 413, 'and one that does not tell')
    long.outgoing.destroy()
    const large = Buffer.alloc(45 * 1024 * 1024)
    t.equal((await recorder.put(id, 0, large)).status, 200)
    // No more than its head: who sends on while it is refused may find the connection closed.
    const second = recorder.openPut(id, 1, { 'content-length': large.length - 1 })
    second.outgoing.write('x')
    t.match((await second.answer).text, '"code":"too_large"', 'all together')
    second.outgoing.destroy()
    t.match(await recorder.state(id), { next: 1, bytes: large.length })
    t.same(await waiting(id), [])
  })

  await t.test('chunks as forms, the last with a flag', async t => {
    const id = await recorder.create()
    const path = `/recordings/${id}/chunks`
    t.match(await recorder.form(path, { chunk: Buffer.from('aa'), index: '0', is_final: 'false' }), {
      status: 200,
      body: { next: 1, status: 'recording' },
    })
    await refused(t, 'number', recorder.form(path, { chunk: Buffer.from('x') }), 400, { field: 'index' })
    await refused(t, 'a field', recorder.form(path, { index: '1', more: 'x' }), 400, { field: 'more' })
    await refused(t, 'JSON', recorder.send('POST', path, {}), 415, {})
    const last = { chunk: Buffer.from('cc'), index: '2', is_final: 'true' }
    await refused(t, 'missing', recorder.form(path, last), 409, { missing: [1] })
    t.match(await recorder.form(path, { index: '1', chunk: Buffer.from('bb') }), { status: 200 })
    t.match(await recorder.form(`/recordings/${id}/finalize`, last), {
      status: 200,
      body: { status: 'finished', bytes: 6 },
    })
    t.equal(Buffer.from(await bytesOf(id)).toString(), 'aabbcc')
  })

  await t.test('the same recording by tus', async t => {
    const tus = new TusWire(service.url)
    const id = await recorder.create({ type: 'video/webm' })
    const path = `/uploads/${id}`
    t.equal((await recorder.put(id, 0, 'aa')).status, 200)
    t.equal((await recorder.put(id, 2, 'dd')).status, 200)
    t.equal(await tus.offset(path), 2)
    t.match(await tus.patch(path, 2, 'bb'), { status: 204 })
    t.match(await recorder.state(id), { next: 1, missing: [1], offset: 4, bytes: 6 })
    t.equal((await recorder.put(id, 1, 'cc')).status, 200)
    t.match(await tus.patch(path, 4, 'xx'), { status: 409 })
    t.match(await tus.patch(path, 8, 'ee', { 'upload-length': 10 }), { status: 204 })
    t.match(await recorder.state(id), { status: 'finished', incomplete: false })
    t.equal(Buffer.from(await bytesOf(id)).toString(), 'aabbccddee')

    const other = await recorder.create()
    t.match(await tus.patch(`/uploads/${other}`, 0, 'abc'), { status: 204 })
    t.match((await recorder.finalize(other)).body, { status: 'finished', bytes: 3 })
    t.equal(Buffer.from(await bytesOf(other)).toString(), 'abc')

    const given = await recorder.create()
    t.equal((await recorder.put(given, 1, 'x')).status, 200)
    t.match(await tus.send('DELETE', `/uploads/${given}`), { status: 204 })
    t.equal((await recorder.send('GET', `/recordings/${given}`)).status, 404)
    await until(async () => (await waiting(given)).length === 0)
  })

  await t.test('a page of another origin may record where it is allowed', async t => {
    const id = await recorder.create()
    const preflight = await rawRequest(service.url, `/recordings/${id}/chunks/0`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type,content-digest',
      },
    })
    t.match(preflight.headers, {
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-methods': /PUT/,
      'access-control-allow-headers': /content-type/i,
    })
    const { headers } = await recorder.put(id, 0, 'x', { origin: 'https://evil.example' })
    t.equal(headers['access-control-allow-origin'], undefined)
  })

  t.same(
    service.logs.filter(({ msg = '', level = 0 }) => level >= 50 && msg !== 'step failed'),
    [],
    'nothing of this was an error of the server',
  )
}

export async function abandonedRecordings(t: Test): Promise<void> {
  const service = await startService({ env: { UPLOAD_EXPIRY: '5s', SWEEP_INTERVAL: '1' } })
  t.teardown(() => service.stop())
  const recorder = new Recorder(() => service.url)
  const pieces = cut(randomBytes(50_000), 4)
  const begun = await recorder.create()
  for (const number of [0, 1, 3]) t.equal((await recorder.put(begun, number, pieces[number]!)).status, 200)
  const behind = await recorder.create()
  t.equal((await recorder.put(behind, 1, pieces[1]!)).status, 200)
  const empty = await recorder.create()
  const video = await endedVideo(service.url, begun)
  t.match(video, { incomplete: true, size: pieces[0]!.length + pieces[1]!.length + pieces[3]!.length })
  t.match(await recorder.state(begun), { status: 'finished', incomplete: true, missing: [2] })
  for (const id of [behind, empty])
    await until(async () => (await recorder.send('GET', `/recordings/${id}`)).status === 404)
  await until(async () => (await storedFiles(service.dataDir)).every(file => !file.startsWith('recordings/')))
  const uploads = (await storedFiles(service.dataDir)).filter(file => file.startsWith('uploads/'))
  t.same(uploads, [`uploads/${begun}`])
}
