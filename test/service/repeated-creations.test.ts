import type { OutgoingHttpHeaders } from 'node:http'
import t from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import { flavours } from '../support/flavours.ts'
import { startLastingService } from '../support/lasting-service.ts'
import { openRequest, type RawAnswer, rawRequest } from '../support/raw-request.ts'
import { uploadId } from '../support/tus-upload.ts'
import { OCTETS, TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'

// A creation whose answer was lost is repeated: by a link for one upload, and with an Idempotency-Key, over both protocols.

await flavours(t, async (t, { env }) => {
  const server = await startLastingService(t, env)
  const { url } = server.service
  const tus = new TusWire(url)
  const draft = new DraftWire(url)
  const source = async (path: string) => (await fetch(`${url}/videos/${uploadId(path)}/source`)).text()
  const count = async () => (await getJson<{ items: unknown[] }>(`${url}/videos?limit=100`)).items.length
  const link = async () => {
    const headers = { 'content-type': 'application/json' }
    const { text } = await rawRequest(url, '/uploads/links', {
      method: 'POST',
      headers,
      body: '{"max_size":100}',
    })
    return JSON.parse(text).url as string
  }
  let keys = 0
  const newKey = () => ({ 'idempotency-key': `key ${keys++}` })
  const locations = (answers: readonly RawAnswer[]) => new Set(answers.map(({ headers }) => headers.location))
  const many = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 6 }, work))

  await t.test('a link gives the same upload while that has no byte', async t => {
    const endpoint = await link()
    const { outgoing } = openRequest(url, endpoint, {
      method: 'POST',
      headers: { 'tus-resumable': '1.0.0', 'upload-length': 10, 'content-length': 0 },
    })
    outgoing.end()
    const post = (length: number, headers: OutgoingHttpHeaders = {}) =>
      tus.send('POST', endpoint, { 'upload-length': length, ...headers })
    const answers = await many(() => post(10))
    t.same(
      answers.map(({ status }) => status),
      Array(6).fill(201),
    )
    t.equal(locations(answers).size, 1)
    const other = await post(4, { 'upload-metadata': `title ${btoa('Other')}` })
    const path = other.headers.location!
    t.equal(path, answers[0]!.headers.location, 'also for another file')
    const byDraft = await draft.send('POST', endpoint, { 'upload-complete': '?0', 'upload-length': 4 })
    t.equal(byDraft.headers.location, path, 'and over the other protocol')
    t.equal((await post(4, { 'upload-metadata': `title ${btoa('Other')}` })).status, 201)
    t.equal((await post(101)).status, 413)
    t.equal((await tus.patch(path, 0, 'ab')).status, 204)
    t.equal((await post(4)).status, 403, 'no longer')
    t.equal((await draft.send('POST', endpoint, { 'upload-complete': '?1' }, 'abcd')).status, 403)
    t.equal((await tus.patch(path, 2, 'cd')).status, 204)
    t.match(await getJson(`${url}/videos/${uploadId(path.split('?')[0]!)}`), { title: 'Other', size: 4 })
    t.equal((await post(4)).status, 403, 'finished')
    t.equal((await tus.send('DELETE', path)).status, 403, 'nor does it delete the video')

    const second = await link()
    const first = await tus.send('POST', second, { 'upload-length': 3 })
    t.equal((await tus.send('DELETE', first.headers.location!)).status, 204)
    t.equal((await tus.send('POST', second, { 'upload-length': 3 })).status, 403, 'deleted')
    const whole = await tus.send('POST', await link(), { 'upload-length': 3, 'content-type': OCTETS }, 'abc')
    t.match([whole.status, whole.headers['upload-offset']], [201, '3'])
  })

  await t.test('Idempotency-Key: at once, again, and after the process died', async t => {
    const key = newKey()
    const post = (headers: OutgoingHttpHeaders = {}) =>
      tus.send('POST', '/uploads', { 'upload-length': 5, ...key, ...headers })
    const answers = await many(post)
    t.same(
      answers.map(({ status }) => status),
      Array(6).fill(201),
    )
    t.equal(locations(answers).size, 1)
    const path = answers[0]!.headers.location!
    for (const other of [
      { 'upload-length': 6 },
      { 'upload-metadata': 'title YQ==' },
      { 'upload-concat': 'partial' },
    ])
      t.equal((await post(other)).status, 422, JSON.stringify(other))
    const quoted = { 'idempotency-key': `"${key['idempotency-key']}"` }
    t.equal((await post(quoted)).headers.location, path)
    await server.service.kill()
    await server.startAgain()
    const again = await post()
    t.match([again.headers.location, again.headers['upload-offset']], [path, '0'])
    t.equal((await tus.patch(path, 0, 'he')).status, 204)
    t.equal((await post()).headers['upload-offset'], '2')
    t.equal((await tus.patch(path, 2, 'llo')).status, 204)
    const finished = await post()
    t.match([finished.headers.location, finished.headers['upload-offset']], [path, '5'])
    t.equal((await tus.send('DELETE', path)).status, 204)
    t.equal((await post()).status, 410, 'deleted: not made a second time')
    t.equal((await tus.send('POST', '/uploads', { 'upload-length': 5, 'idempotency-key': '' })).status, 400)
  })

  for (const protocol of ['tus', 'IETF'] as const) {
    const post = (key: OutgoingHttpHeaders, body: string, length = 10) =>
      protocol === 'tus'
        ? tus.send('POST', '/uploads', { ...key, 'upload-length': length, 'content-type': OCTETS }, body)
        : draft.send('POST', '/uploads', { ...key, 'upload-length': length, 'upload-complete': '?0' }, body)

    await t.test(`Idempotency-Key: ${protocol}, with bytes`, async t => {
      const before = await count()
      const key = newKey()
      const { outgoing } = openRequest(url, '/uploads', {
        method: 'POST',
        headers: {
          ...key,
          ...(protocol === 'tus'
            ? { 'tus-resumable': '1.0.0', 'content-type': OCTETS }
            : { 'upload-complete': '?0', 'upload-draft-interop-version': '8' }),
          'upload-length': 10,
          'content-length': 10,
        },
      })
      outgoing.write('0123')
      // Still in flight: it is taken over once it is silent, and what it brought is not taken twice.
      const first = await until(async () => {
        const answer = await post(key, '0123456789')
        return answer.status !== 409 && answer
      })
      outgoing.destroy()
      t.match([first.status, first.headers['upload-offset']], [201, '10'], first.text)
      const path = first.headers.location!
      t.equal(await source(path), '0123456789')
      const answers = await many(() => post(key, '0123456789'))
      for (const { status, headers, text } of answers)
        t.ok((status === 201 && headers.location === path) || status === 409, `${status} ${text}`)
      t.equal((await post(key, '01234567xx')).status, 422, 'another body')
      t.equal((await post(key, 'abc', 3)).status, 422, 'another length')
      t.equal(await source(path), '0123456789')
      t.equal(await count(), before + 1)
      t.equal((await fetch(`${url}/videos/${uploadId(path)}`, { method: 'DELETE' })).status, 204)
      t.equal((await post(key, '0123456789')).status, 410)
      t.equal(await count(), before)
    })
  }

  await t.test('Idempotency-Key: a final upload', async t => {
    const parts: string[] = []
    for (const body of ['ab', 'cd']) {
      const part = await tus.create(2, { 'upload-concat': 'partial', ...newKey() })
      await tus.patch(part, 0, body)
      parts.push(part)
    }
    const key = newKey()
    const post = (concat: string) => tus.send('POST', '/uploads', { 'upload-concat': concat, ...key })
    const answers = await many(() => post(`final;${parts.join(' ')}`))
    t.same(
      answers.map(({ status }) => status),
      Array(6).fill(201),
    )
    t.equal(locations(answers).size, 1)
    t.equal(await source(answers[0]!.headers.location!), 'abcd')
    t.equal((await post(`final;${parts.toReversed().join(' ')}`)).status, 422)
  })
})
