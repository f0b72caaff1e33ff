import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { flavours } from '../support/flavours.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo, sha256, type VideoView } from '../support/video-api.ts'

const MAX = 1_000_000

type Part = readonly [name: string, value: string | Blob, filename?: string]

await flavours(t, async (t, { env }) => {
  const service = await startService({ env: { ...env, MAX_UPLOAD_SIZE: `${MAX}` } })
  t.teardown(() => service.stop())
  const film = readFileSync(await clip({ words: [{ word: 'apple', start: 0.5 }] }))
  // No film: what becomes of one is seen once.
  const bytes = randomBytes(film.length)
  const file = new Blob([bytes], { type: 'video/mp4' })
  const stored = () => {
    try {
      return readdirSync(join(service.dataDir, 'uploads')).sort()
    } catch {
      return []
    }
  }
  const post = async (...parts: Part[]) => {
    const form = new FormData()
    for (const [name, value, filename] of parts)
      value instanceof Blob ? form.append(name, value, filename) : form.append(name, value)
    const answer = await fetch(`${service.url}/videos`, { method: 'POST', body: form })
    return { answer, body: (await answer.json()) as VideoView & Record<string, unknown> }
  }
  const unfinished = async () =>
    /^longtake_uploads_unfinished (\d+)$/m.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1]

  const fields: Part[] = [
    ['title', 'Grüße 🎬'],
    ['description', 'x'.repeat(9000)],
    ['language', 'de'],
  ]
  const filePart = (content: Blob): Part => ['video', content, 'Zoë (1).mp4']
  for (const [name, sent, parts] of [
    ['the fields before the file', film, [...fields, filePart(new Blob([film], { type: 'video/mp4' }))]],
    ['the fields after the file', bytes, [filePart(file), ...fields]],
  ] as const) {
    await t.test(name, async t => {
      const { answer, body } = await post(...parts)
      t.equal(answer.status, 201, JSON.stringify(body))
      t.equal(answer.headers.get('location'), `/videos/${body.id}`)
      const expected = {
        title: 'Grüße 🎬',
        description: 'x'.repeat(9000),
        language: 'de',
        size: bytes.length,
      }
      t.match(body, { ...expected, status: 'processing', filename: 'Zoë (1).mp4' })
      const source = await fetch(`${service.url}/videos/${body.id}/source`)
      t.equal(sha256(await source.bytes()), sha256(sent))
      const ended = sent === film ? { status: 'ready', sha256: sha256(film) } : { status: 'failed' }
      t.match(await endedVideo(service.url, body.id), { ...expected, ...ended })
    })
  }

  await t.test('the file alone: its name is the title', async t => {
    const { answer, body } = await post(['video', file, '../../etc/Team meeting.mp4'])
    t.equal(answer.status, 201)
    t.equal(body.title, 'Team meeting')
  })

  const refusals: Record<string, { parts: Part[]; status: number; field?: string; code?: string }> = {
    'no file': { parts: [['title', 'x']], status: 400, field: 'video' },
    'a file in another field': { parts: [['clip', file, 'a.mp4']], status: 400, field: 'clip' },
    'text in the place of the file': { parts: [['video', 'text']], status: 400, field: 'video' },
    'a field of the prototype': {
      parts: [
        ['__proto__', 'x'],
        ['video', file, 'a.mp4'],
      ],
      status: 400,
    },
    'two files': {
      parts: [
        ['video', file, 'a.mp4'],
        ['video', file, 'b.mp4'],
      ],
      status: 400,
    },
    'more than may be': {
      parts: [['video', new Blob([Buffer.alloc(MAX + 1)]), 'a.mp4']],
      status: 413,
      code: 'too_large',
    },
  }
  for (const [name, { parts, status, field, code }] of Object.entries(refusals)) {
    await t.test(`refuses ${name}`, async t => {
      const before = stored()
      const { answer, body } = await post(...parts)
      t.equal(answer.status, status, JSON.stringify(body))
      t.match(answer.headers.get('content-type'), 'application/problem+json')
      t.match(body, { status, ...(field && { field }), code: code ?? String })
      t.same(stored(), before)
    })
  }

  await t.test('a label that is not valid makes no upload impossible: what is valid is kept', async t => {
    const upload: Part = ['video', file, 'a.mp4']
    const labels: [Part[], Record<string, unknown>][] = [
      [[['tag', 'x'], upload, ['_token', 'y']], { title: 'a' }],
      [[['title', 'a\0b'], upload], { title: 'ab' }],
      [[['title', 'x'.repeat(501)], upload], { title: 'x'.repeat(500) }],
      [[upload, ['description', 'x'.repeat(1_000_000)]], { description: 'x'.repeat(10_000) }],
      [[['language', 'de_DE'], upload, ['title', 'Talk']], { language: null, title: 'Talk' }],
      [[['tags', `a,${'x'.repeat(60)},b`], upload], { tags: ['a', 'b'] }],
      [
        [['video', new Blob([bytes], { type: 'video' }), `${'x'.repeat(300)}.mp4`]],
        { title: 'x'.repeat(251) },
      ],
    ]
    for (const [parts, expected] of labels) {
      const { answer, body } = await post(...parts)
      t.equal(answer.status, 201, JSON.stringify(body))
      t.match(body, expected)
    }
  })

  await t.test('exactly as much as may be is taken', async t => {
    const { answer, body } = await post(['video', new Blob([Buffer.alloc(MAX)]), 'a.mp4'])
    t.equal(answer.status, 201, JSON.stringify(body))
    t.equal(body.size, MAX)
  })

  await t.test('what is not multipart', async t => {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'video/mp4']) {
      const answer = await fetch(`${service.url}/videos`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      })
      t.equal(answer.status, 415, type)
      t.match(answer.headers.get('content-type'), 'application/problem+json')
      t.match(await answer.json(), { code: 'unsupported_media_type' })
    }
    for (const boundary of ['xx', '"a b;c,d=\\"e"', '"xx"; charset=utf-8']) {
      const [plain] = /^"?((?:\\.|[^"])*)/
        .exec(boundary)!
        .slice(1)
        .map(text => text!.replaceAll('\\', ''))
      const body = `--${plain}\r\nContent-Disposition: form-data; name="video"; filename="b.mp4"\r\n\r\nabc\r\n--${plain}--\r\n`
      for (const type of [
        'Multipart/Form-Data;Boundary=',
        'multipart/form-data ; charset=UTF-8 ; boundary=',
      ]) {
        const headers = { 'content-type': type + boundary }
        const { status, text } = await rawRequest(service.url, '/videos', { method: 'POST', headers, body })
        t.equal(status, 201, `${headers['content-type']} ${text}`)
      }
    }
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=']) {
      const answer = await fetch(`${service.url}/videos`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: 'x',
      })
      t.ok(answer.status >= 400 && answer.status < 500, `${type}: ${answer.status}`)
    }
  })

  await t.test('broken off in the middle: nothing is left', async t => {
    const before = stored()
    const { outgoing } = openRequest(service.url, '/videos', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=xx', 'content-length': 900_000 },
    })
    outgoing.write('--xx\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\n')
    outgoing.write(Buffer.alloc(500_000))
    await until(() => stored().length > before.length)
    outgoing.destroy()
    await until(() => stored().length === before.length)
    t.same(stored(), before)
    await until(async () => (await unfinished()) === '0')
  })

  await t.test('an end without the last boundary is no end', async t => {
    const before = stored()
    const { outgoing, answer } = openRequest(service.url, '/videos', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=xx' },
    })
    outgoing.write('--xx\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\n')
    outgoing.end(bytes)
    const { status, text } = await answer
    t.equal(status, 400, text)
    t.same(stored(), before)
  })

  t.equal(await unfinished(), '0')
  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed'),
    [],
    'no error of the server',
  )
})
