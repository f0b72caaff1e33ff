import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { flavours } from '../support/flavours.ts'
import { storedFiles } from '../support/leftovers.ts'
import { openRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo, sha256 } from '../support/video-api.ts'

// Acts as the front ends of the two old applications, which know nothing of Longtake.

interface OldVideo {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly video_url: string
  readonly transcript: string | null
  readonly last_played: string | null
  readonly created_at: string
}

interface Envelope<T> {
  readonly status: 'success' | 'error'
  readonly message: string
  readonly data: T
}

const MIB = 1024 * 1024
/** Bytes; in one of them a chunk reaches its own limit first. */
const MAX_UPLOAD = { embedded: 3 * MIB, served: 70 * MIB }
const JSON_TYPE = { 'content-type': 'application/json' }

await flavours(t, async (t, { env, name }) => {
  const maxUpload = MAX_UPLOAD[name]
  const service = await startService({
    env: { ...env, MAX_UPLOAD_SIZE: `${maxUpload}`, SWEEP_INTERVAL: '1' },
  })
  t.teardown(() => service.stop())
  const api = `${service.url}/api`
  const ask = async <T>(path: string, init?: RequestInit) => {
    const answer = await fetch(`${api}/${path}`, init)
    return { status: answer.status, body: (await answer.json()) as T }
  }
  const json = <T>(path: string, body: unknown, method = 'POST') =>
    ask<T>(path, { method, headers: JSON_TYPE, body: JSON.stringify(body) })
  const form = <T>(path: string, fields: Record<string, string | Blob>, method = 'POST') => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields))
      value instanceof Blob ? body.append(name, value, 'clip.webm') : body.append(name, value)
    return ask<T>(path, { method, body })
  }
  const sourceOf = async (id: string) => (await fetch(`${service.url}/videos/${id}/source`)).bytes()

  await t.test('status and documentation, with a trailing slash or without', async t => {
    for (const path of ['status/', 'status']) t.same((await ask(path)).body, { status: 'ok' })
    for (const path of ['swagger/', 'redoc/']) {
      const answer = await fetch(`${api}/${path}`)
      t.match(answer.headers.get('content-type'), 'text/html', path)
    }
  })

  await t.test('the video application', async t => {
    const film = readFileSync(await clip({ words: [{ word: 'apple', start: 0.5 }] }))
    const posted = await form<Envelope<OldVideo>>('videos/', {
      title: 'Team "meeting"',
      description: 'Weekly',
      ignored: 'as it was',
      video: new Blob([film], { type: 'video/mp4' }),
    })
    if (!t.equal(posted.status, 201, JSON.stringify(posted.body))) return
    t.equal(posted.body.status, 'success')
    const { data } = posted.body
    t.strictSame(Object.keys(data).sort(), [
      'created_at',
      'description',
      'id',
      'last_played',
      'title',
      'transcript',
      'video_url',
    ])
    t.match(data, { title: 'Team "meeting"', description: 'Weekly', last_played: null })
    t.match(
      await endedVideo(service.url, data.id),
      { title: 'Team "meeting"', status: 'ready' },
      'the same video',
    )

    await t.test('what a browser shows before it is processed', async t => {
      const posted = await form<Envelope<OldVideo>>('videos/', { title: 'Früh', video: new Blob(['bytes']) })
      const answer = await fetch(`${api}/videos/${posted.body.data.id}/stream/`, { method: 'HEAD' })
      t.match(answer.headers.get('content-disposition'), /^inline; filename=.*Fr%C3%BCh.mp4/)
      const path = `videos/${posted.body.data.id}/`
      t.match(await form(path, { transcript: new Blob(['no text']) }, 'PUT'), {
        status: 400,
        body: { data: { transcript: [String] } },
      })
      t.equal((await ask(path, { method: 'DELETE' })).status, 200)
    })

    await t.test('list and one', async t => {
      const list = await ask<Envelope<OldVideo[]>>('videos/')
      t.equal(list.body.status, 'success')
      t.ok(list.body.data.some(({ id }) => id === data.id))
      t.match(await ask(`videos/${data.id}/`), {
        status: 200,
        body: { status: 'success', data: { id: data.id } },
      })
    })

    await t.test('stream, with ranges', async t => {
      const answer = await fetch(`${service.url}${data.video_url}`)
      t.equal(answer.status, 200)
      t.equal(answer.headers.get('content-disposition'), String.raw`inline; filename="Team \"meeting\".mp4"`)
      const whole = await answer.bytes()
      const part = await fetch(`${service.url}${data.video_url}`, { headers: { range: 'bytes=100-199' } })
      t.equal(part.status, 206)
      t.same(Buffer.from(await part.bytes()), Buffer.from(whole.subarray(100, 200)))
      const { body } = await ask<Envelope<OldVideo>>(`videos/${data.id}/`)
      t.ok(Date.parse(body.data.last_played!) > Date.parse(data.created_at), 'last_played')
    })

    await t.test('the transcript, as each kind of form', async t => {
      const put = (init: RequestInit) =>
        ask<Envelope<OldVideo>>(`videos/${data.id}/`, { method: 'PUT', ...init })
      const multipart = new FormData()
      multipart.append('transcript', 'Third')
      for (const [init, text] of [
        [
          { headers: JSON_TYPE, body: JSON.stringify({ transcript: 'First "apple" 🍎' }) },
          'First "apple" 🍎',
        ],
        [{ body: new URLSearchParams({ transcript: 'Second & more' }) }, 'Second & more'],
        [{ body: multipart }, 'Third'],
        [{ headers: { 'content-type': 'Application/JSON; charset=UTF-8' }, body: '{"transcript":""}' }, ''],
      ] as const) {
        const { status, body } = await put(init)
        t.equal(status, 200, JSON.stringify(body))
        t.equal(body.data.transcript, text)
      }
      t.match(await put({ headers: JSON_TYPE, body: '{}' }), {
        status: 400,
        body: { status: 'error', data: { transcript: [String] } },
      })
    })

    await t.test('delete', async t => {
      t.match(await ask(`videos/${data.id}/`, { method: 'DELETE' }), {
        status: 200,
        body: { status: 'success' },
      })
      for (const method of ['GET', 'DELETE'])
        t.match(await ask(`videos/${data.id}/`, { method }), {
          status: 404,
          body: { status: 'error', message: String },
        })
    })
  })

  await t.test('a file as base64', async t => {
    const bytes = randomBytes(300_001)
    const base64 = bytes.toString('base64')
    for (const [what, body] of Object.entries({
      'in order': { title: 'A', video: base64 },
      'before its title': { video_binary: base64, title: 'A', description: 'B' },
      'as a data: URL': { title: 'A', video: `data:video/webm;codecs=vp8;base64,${base64}` },
      'of a recording': { title: 'A', video: `data:video/webm;codecs=vp8,opus;base64,${base64}` },
      'written otherwise': { title: 'A', video: ` DATA:video/webm; codecs="vp8, opus" ; BASE64,${base64}` },
      'in lines': { title: 'A', video: base64.replaceAll(/.{76}/g, '$&\n') },
      'for URLs, without padding': { title: 'A', video: bytes.toString('base64url') },
      'with other members': { title: 'A', extra: { deep: [1, { a: null }] }, number: 1, video: base64 },
    })) {
      const { status, body: answer } = await json<Envelope<OldVideo>>('videos/', body)
      t.equal(status, 201, `${what}: ${JSON.stringify(answer)}`)
      t.equal(sha256(await sourceOf(answer.data.id)), sha256(bytes), what)
    }
  })

  await t.test('what is refused', async t => {
    const refused = async (what: string, request: ReturnType<typeof ask>, status: number, data: object) => {
      const answer = await request
      t.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`)
      t.match(answer.body, { status: 'error', message: String, data }, what)
    }
    const count = async () => (await ask<Envelope<OldVideo[]>>('videos')).body.data.length
    const before = await count()
    const file = new Blob(['x'])
    await refused('nothing', form('videos/', { description: 'x' }), 400, { title: [String], video: [String] })
    await refused('no title', form('videos/', { video: file }), 400, { title: [String] })
    await refused('an empty title', form('videos/', { title: ' ', video: file }), 400, { title: [String] })
    await refused('no file', json('videos/', { title: 'A' }), 400, { video: [String] })
    await refused('null for a file', json('videos/', { title: 'A', video: null }), 400, { video: [String] })
    await refused('no base64', json('videos/', { title: 'A', video: 'no base64!' }), 400, { video: [String] })
    await refused('cut base64', json('videos/', { title: 'A', video: 'AAAAA' }), 400, { video: [String] })
    await refused('data behind padding', json('videos/', { title: 'A', video: 'AA==AAAA' }), 400, {
      video: [String],
    })
    await refused('an empty file', form('videos/', { title: 'A', video: new Blob([]) }), 400, {
      video: [String],
    })
    await refused('empty base64', json('videos/', { title: 'A', video_binary: '' }), 400, {
      video_binary: [String],
    })
    await refused(
      'a data: URL of text',
      json('videos/', { title: 'A', video: 'data:text/plain,AAAA' }),
      400,
      {
        video: [String],
      },
    )
    await refused('a long prefix', json('videos/', { title: 'A', video: `data:${' '.repeat(2e5)}` }), 400, {
      video: [String],
    })
    await refused('two files', json('videos/', { title: 'A', video: 'AAAA', video_binary: 'AAAA' }), 400, {})
    for (const body of ['{"title":', '[]', '"x"', '{"title":"A"} x', '{"title":"A",}', 'title'])
      await refused(body, ask('videos/', { method: 'POST', headers: JSON_TYPE, body }), 400, {})
    await refused('text', ask('videos/', { method: 'POST', body: 'x' }), 415, {})
    await refused('a size', json('videos/', { title: 'A', video: 'A'.repeat(maxUpload * 1.4) }), 413, {
      video: [String],
    })
    await refused('an integer that is nobody', ask('videos/17/'), 404, {})
    await refused('an id that is none', ask('videos/x%00y/'), 404, {})
    await refused('a long id', ask(`videos/${'a'.repeat(300)}/`), 404, {})
    await refused('an id that is badly encoded', ask('videos/%ff/stream/'), 404, {})
    const blob = form('videos/17/', { transcript: new Blob(['x']) }, 'PUT')
    await refused('a change of nobody', blob, 404, {})
    await refused('no route', ask('nothing/'), 404, {})
    t.equal(await count(), before, 'nothing became a video')
    const unfinished = /^longtake_uploads_unfinished (\d+)$/m
    const metrics = await (await fetch(`${service.url}/metrics`)).text()
    t.equal(unfinished.exec(metrics)?.[1], '0', 'and nothing is left')
  })

  await t.test('the recorder', t => recorder(t))

  async function recorder(t: Test): Promise<void> {
    type Message = { message: string }
    const film = readFileSync(await clip({ words: [{ word: 'apple', start: 0.5 }], container: 'webm' }))
    const size = Math.ceil(film.length / 5)
    const pieces = Array.from({ length: 5 }, (_, n) => film.subarray(n * size, (n + 1) * size))
    const start = async () => {
      const { status, body } = await ask<{ session_id: string }>('start-recording/', { method: 'POST' })
      t.equal(status, 201)
      return body.session_id
    }
    const asJson = (session_id: string, chunk: Uint8Array, more: object = {}) =>
      json<Message>('receive-video-chunk/', {
        session_id,
        video_chunk: Buffer.from(chunk).toString('base64'),
        ...more,
      })
    const data = async (session: string) =>
      (await ask<{ recorded_data: Record<string, string | null> }>(`get-recorded-data/${session}/`)).body
        .recorded_data

    await t.test('JSON chunks, the last one with the flag', async t => {
      const session = await start()
      t.match(await data(session), {
        session_id: session,
        status: 'recording',
        file_url: null,
        transcript: null,
      })
      for (const piece of pieces.slice(0, 4))
        t.match(await asJson(session, piece), { status: 200, body: { message: String } })
      const last = { session_id: session, video_chunk: pieces[4]!.toString('base64') }
      const final = () => json<Message>('finalize-recording/', { ...last, is_final: true })
      t.match(await final(), { status: 200, body: { message: String } })
      t.equal(sha256(await sourceOf(session)), sha256(film))
      t.equal((await final()).status, 200, 'a repetition, because the answer got lost, changes nothing')
      t.match(await json('finalize-recording/', { ...last, video_chunk: 'AAAA', is_final: true }), {
        status: 409,
        body: { message: String },
      })
      t.equal((await asJson(session, film)).status, 409, 'a chunk behind the end')
      const ended = await until(async () => {
        const recorded = await data(session)
        return recorded['status'] === 'completed' && recorded
      })
      t.match(ended, { file_url: `/api/videos/${session}/stream/`, audio_file: `/videos/${session}/audio` })
      t.equal((await fetch(`${service.url}${ended['audio_file']}`)).status, 200)
    })

    await t.test('forms, and no flag', async t => {
      const session = await start()
      const [first, second, ...rest] = pieces
      const sent = { session_id: session, video_chunk: new Blob([first!]) }
      t.equal((await form('receive-video-chunk/', sent)).status, 200)
      const next = { video_chunk: new Blob([second!]), session_id: session, is_final: 'false' }
      t.equal((await form('finalize-recording/', next)).status, 200, 'is simply the next')
      t.equal((await data(session))['status'], 'recording')
      await form('receive-video-chunk/', {
        session_id: session,
        video_chunk: new Blob([Buffer.concat(rest)]),
      })
      const end = { session_id: session, video_chunk: new Blob([]), is_final: '1' }
      t.match(await form('finalize-recording/', end), { status: 200 }, 'an empty chunk closes it')
      t.equal(sha256(await sourceOf(session)), sha256(film))
    })

    await t.test('chunks count in the order in which their requests begin', async t => {
      const session = await start()
      const [first, second] = [randomBytes(1_000_000), randomBytes(1_000_000)]
      const waiting = async () =>
        (await storedFiles(service.dataDir)).filter(file => file.startsWith(`recordings/${session}/`)).length
      const slow = openRequest(service.url, '/api/receive-video-chunk/', {
        method: 'POST',
        headers: JSON_TYPE,
      })
      const text = JSON.stringify({ session_id: session, video_chunk: first.toString('base64') })
      slow.outgoing.write(text.slice(0, 500_000))
      await until(async () => (await waiting()) === 1)
      const other = asJson(session, second)
      // The second is on disk, and waits for its turn.
      await until(async () => (await waiting()) === 2)
      slow.outgoing.end(text.slice(500_000))
      t.equal((await slow.answer).status, 200)
      t.equal((await other).status, 200)
      await json('finalize-recording/', { session_id: session, is_final: true })
      t.equal(sha256(await sourceOf(session)), sha256(Buffer.concat([first, second])))
    })

    await t.test('numbers make repetitions safe, and count from 0 or 1', async t => {
      for (const first of [0, 1]) {
        const session = await start()
        const numbered = pieces.map((piece, n) => [piece, { chunk_number: n + first }] as const)
        for (const [piece, number] of [numbered[1]!, numbered[0]!, numbered[1]!, ...numbered.slice(2)])
          t.equal((await asJson(session, piece, number)).status, 200)
        t.match(await asJson(session, film, { chunk_number: first }), {
          status: 409,
          body: { message: String },
        })
        t.equal((await json('finalize-recording/', { session_id: session, is_final: 'true' })).status, 200)
        t.equal(sha256(await sourceOf(session)), sha256(film), `from ${first}`)
      }
    })

    await t.test('the session behind the chunk', async t => {
      const session = await start()
      const body = { video_chunk: film.toString('base64'), session_id: session, is_final: 1 }
      t.equal((await json('finalize-recording/', body)).status, 200)
      t.equal(sha256(await sourceOf(session)), sha256(film))
    })

    await t.test('what is refused', async t => {
      const session = await start()
      for (const [what, path, body, status] of [
        ['an unknown session', 'receive-video-chunk/', { session_id: 'x', video_chunk: 'AAAA' }, 404],
        ['no session', 'receive-video-chunk/', { video_chunk: 'AAAA' }, 400],
        ['no chunk', 'receive-video-chunk/', { session_id: session }, 400],
        ['no base64', 'receive-video-chunk/', { session_id: session, video_chunk: '%' }, 400],
        [
          'a number',
          'receive-video-chunk/',
          { session_id: session, video_chunk: 'AAAA', chunk_number: -1 },
          400,
        ],
        [
          'a large chunk',
          'receive-video-chunk/',
          { session_id: session, video_chunk: 'A'.repeat(Math.min(90_000_000, maxUpload * 1.4)) },
          413,
        ],
        ['nothing recorded', 'finalize-recording/', { session_id: session, is_final: true }, 409],
      ] as const) {
        const answer = await json<Message>(path, body)
        t.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`)
        t.strictSame(Object.keys(answer.body), ['message'], what)
      }
      for (const id of ['x', 'x'.repeat(300), '%ff'])
        t.match(await ask(`get-recorded-data/${id}/`), { status: 404, body: { message: /session/ } }, id)
      for (const is_final of ['True', 't', 'YES']) {
        const session = await start()
        t.equal(
          (await json('finalize-recording/', { session_id: session, video_chunk: 'AAAA', is_final })).status,
          200,
        )
        t.not((await data(session))['status'], 'recording', is_final)
      }
    })
  }
})

t.test('with owners, a quota, and switched off', async t => {
  const off = await startService({ env: { COMPATIBILITY: 'off' } })
  t.teardown(() => off.stop())
  t.equal((await fetch(`${off.url}/api/status`)).status, 404)
})
