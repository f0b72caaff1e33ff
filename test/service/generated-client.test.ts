import { readFile } from 'node:fs/promises'
import createClient from 'openapi-fetch'
import t from 'tap'
import { API_TYPES, apiTypes } from '../../scripts/api-types.ts'
import type { components, paths } from '../../src/page/api/api-types.d.ts'
import { ApiDocument } from '../support/api-document.ts'
import { clip } from '../support/clips.ts'
import { flavours } from '../support/flavours.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { until } from '../support/until.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

type Video = components['schemas']['Video']
interface Answer<T> {
  readonly data?: T
  readonly error?: unknown
  readonly response: Response
}

const TUS = { 'Tus-Resumable': '1.0.0' }
const OCTETS = { 'content-type': 'application/offset+octet-stream' }
const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'

/** @throws Error where the answer has another status. */
function got<T>({ data, error, response }: Answer<T>, status = 200): NonNullable<T> {
  if (response.status === status) return data!
  throw new Error(
    `${response.url}: ${response.status} in place of ${status}: ${JSON.stringify(error ?? data)}`,
  )
}

function form(fields: object = {}): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields))
    data.append(name, value instanceof Blob ? value : String(value))
  return data
}
const asForm = { bodySerializer: form }
const asIs = { bodySerializer: (body: unknown) => body }

await flavours(t, async (t, { env }) => {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const receiver = await startWebhookReceiver()
  t.teardown(() => receiver.close())
  const { service, keys } = await startGuarded(
    { ...env, OPENAI_BASE_URL: speech.baseUrl, WEBHOOK_ALLOW_PRIVATE: 'on' },
    { admin: { owner: 'ann', scopes: ['admin'] } },
  )
  t.teardown(() => service.stop())
  const { url } = service
  const document = (await (await fetch(`${url}/openapi.json`, { headers: keys.admin })).json()) as object
  const described = new ApiDocument(document as ConstructorParameters<typeof ApiDocument>[0])
  const called = new Set<string>()
  const client = createClient<paths>({ baseUrl: url, headers: keys.admin })
  client.use({
    async onResponse({ schemaPath, request, response }) {
      called.add(`${request.method.toLowerCase()} ${schemaPath}`)
      const type = response.headers.get('content-type') ?? ''
      const body = type.includes('json') ? await response.clone().text() : ''
      described.check(request.method, new URL(request.url), response.status, type, body)
    },
  })
  const path = await clip({ words: [{ word: 'apple', start: 0.5 }] })
  const bytes = await readFile(path)
  const file = new File([bytes], 'talk.mp4', { type: 'video/mp4' })
  const by = (id: string) => ({ params: { path: { id } } })
  const ended = (id: string) =>
    until(async () => {
      const video = got(await client.GET('/videos/{id}', by(id)))
      return video.steps.every(({ state }) => state !== 'pending' && state !== 'running') && video
    })

  await t.test('the committed types are those of the document', async t => {
    t.ok((await apiTypes(document)) === (await readFile(API_TYPES, 'utf8')), 'run: npm run api-types')
  })

  await t.test('the service', async t => {
    t.equal(got(await client.GET('/status')).status, 'ok')
    t.equal(got(await client.GET('/health/live')).status, 'live')
    t.equal(got(await client.GET('/health/ready')).checks.database.status, 'up')
    t.match(got(await client.GET('/metrics', { parseAs: 'text' })), /longtake_/)
  })

  const webhook = got(
    await client.POST('/webhooks', {
      body: { url: `http://127.0.0.1:${receiver.port}/hook`, events: ['video.ready'] },
    }),
    201,
  )
  let video: Video | undefined

  await t.test('a video is sent in one request, found and changed', async t => {
    const send = () =>
      client.POST('/videos', {
        params: { header: { 'idempotency-key': 'once' } },
        body: { title: 'Talk', tags: 'team', language: 'en', video: file },
        ...asForm,
      })
    const { id } = got(await send(), 201)
    t.equal(got(await send(), 201).id, id)
    video = await ended(id)
    t.match(video, { status: 'ready', playback: 'source', transcript: /apple/ })

    const filtered = {
      limit: 1,
      sort: '-created_at' as const,
      status: ['ready' as const],
      tag: 'team',
    }
    const { items } = got(await client.GET('/videos', { params: { query: filtered } }))
    t.same(
      items.map(item => item.id),
      [id],
    )
    const found = got(await client.GET('/videos', { params: { query: { q: 'apple' } } }))
    t.equal(found.items[0]?.moments?.[0]?.start.toFixed(0), '1')
    got(await client.GET('/videos', { params: { query: { cursor: 'x' } } }), 400)

    const { response } = await client.GET('/videos/{id}', by(id))
    const etag = response.headers.get('etag')!
    const known = { path: { id }, header: { 'if-none-match': etag } }
    got(await client.GET('/videos/{id}', { params: known }), 304)
    const seen = { path: { id }, header: { 'if-match': etag } }
    const change = { title: 'A talk', tags: ['team', 'weekly'] }
    const changed = got(await client.PATCH('/videos/{id}', { params: seen, body: change }))
    t.match(changed, change)
    got(await client.PATCH('/videos/{id}', { params: seen, body: { title: 'Late' } }), 412)
    const put = got(await client.PUT('/videos/{id}', { ...by(id), body: { description: 'Of fruit' } }))
    t.match(put, { ...change, description: 'Of fruit' })
  })
  const { id } = video!

  await t.test('its transcript', async t => {
    const first = await client.GET('/videos/{id}/transcript', by(id))
    const { revision, segments } = got(first)
    const etag = first.response.headers.get('etag')!
    const params = { path: { id }, header: { 'if-match': etag } }
    const body = {
      segments: segments.map(({ start, end }) => ({ start, end, text: 'A pear', speaker: 'Ann' })),
    }
    const edited = got(await client.PUT('/videos/{id}/transcript', { params, body }))
    t.match(edited, { origin: 'person', text: 'A pear' })
    got(await client.PUT('/videos/{id}/transcript', { params, body }), 412)
    t.match(
      got(await client.GET('/videos/{id}/captions.vtt', { ...by(id), parseAs: 'text' })),
      /<v Ann>A pear/,
    )
    t.match(got(await client.GET('/videos/{id}/captions.srt', { ...by(id), parseAs: 'text' })), /Ann: A pear/)
    const { items: captions } = got(await client.GET('/videos/{id}/captions', by(id)))
    t.match(captions, [{ source: 'transcript', track: null, srt: /captions\.srt$/ }])
    // What a film brings itself is in tracks.test.ts.
    got(await client.GET('/videos/{id}/captions/{file}', { params: { path: { id, file: '2.vtt' } } }), 404)
    got(await client.GET('/videos/{id}/chapters.vtt', by(id)), 404)
    t.match(got(await client.GET('/videos/{id}/transcript.txt', { ...by(id), parseAs: 'text' })), /A pear/)
    const { items } = got(await client.GET('/videos/{id}/transcript/revisions', by(id)))
    t.same(
      items.map(item => item.revision),
      [edited.revision, revision],
    )
    const earlier = { params: { path: { id, revision } } }
    const machine = got(await client.GET('/videos/{id}/transcript/revisions/{revision}', earlier))
    t.match(machine.text, /apple/)
    const restored = got(await client.POST('/videos/{id}/transcript/revisions/{revision}/restore', earlier))
    t.match(restored, { restored_from: revision, text: machine.text })
  })

  await t.test('its media', async t => {
    const part = { params: { path: { id }, header: { range: 'bytes=0-1' } }, parseAs: 'arrayBuffer' } as const
    const parts = [
      await client.GET('/videos/{id}/stream', part),
      await client.GET('/videos/{id}/source', part),
      await client.GET('/videos/{id}/audio', part),
      await client.GET('/videos/{id}/poster', part),
      await client.GET('/videos/{id}/poster/small', part),
      await client.GET('/videos/{id}/storyboard.jpg', part),
      await client.GET('/videos/{id}/storyboard.vtt', part),
      await client.GET('/videos/{id}/peaks.json', part),
    ]
    for (const answer of parts) {
      t.equal(got(answer, 206).byteLength, 2, answer.response.url)
      const head = await fetch(answer.response.url, { method: 'HEAD', headers: keys.admin })
      t.equal(head.status, 200)
      t.match(answer.response.headers.get('content-range'), `bytes 0-1/${head.headers.get('content-length')}`)
    }
    const whole = got(await client.GET('/videos/{id}/source', { ...by(id), parseAs: 'arrayBuffer' }))
    t.ok(Buffer.from(whole).equals(bytes))
    t.match(got(await client.GET('/videos/{id}/embed', { ...by(id), parseAs: 'text' })), '<video')

    const { links } = got(
      await client.POST('/videos/{id}/links', { ...by(id), body: { kinds: ['stream', 'embed'] } }),
      201,
    )
    for (const link of [links.stream, links.embed]) {
      const statusOf = async (url: string) => {
        const answer = await fetch(url)
        await answer.body?.cancel()
        return answer.status
      }
      t.equal(await statusOf(`${url}${link}`), 200)
      t.equal(await statusOf(`${url}${link?.replace('expires=', 'expires=1')}`), 403)
    }
  })

  await t.test('its events', async t => {
    const ending = new AbortController()
    const options = { ...by(id), parseAs: 'stream', signal: ending.signal } as const
    const stream = got(await client.GET('/videos/{id}/events', options))
    const first = await stream.getReader().read()
    t.match(Buffer.from(first.value!).toString(), `"id":"${id}"`)
    ending.abort()
  })

  await t.test('an upload by tus', async t => {
    const options = await client.OPTIONS('/uploads')
    t.equal(options.response.headers.get('tus-version'), '1.0.0')
    const begin = async () => {
      const header = { ...TUS, 'Upload-Length': String(bytes.length) }
      const { response } = await client.POST('/uploads', { params: { header } })
      t.equal(response.status, 201)
      return response.headers.get('location')!.split('/').at(-1)!
    }
    const upload = await begin()
    const header = { ...TUS, 'Upload-Offset': '0' }
    const sent = await client.PATCH('/uploads/{id}', {
      params: { path: { id: upload }, header },
      headers: OCTETS,
      body: file,
      ...asIs,
    })
    got(sent, 204)
    const { response } = await client.HEAD('/uploads/{id}', { params: { path: { id: upload }, header: TUS } })
    t.equal(response.headers.get('upload-offset'), String(bytes.length))
    t.equal(got(await client.GET('/videos/{id}', by(upload))).size, bytes.length)
    got(await client.DELETE('/videos/{id}', by(upload)), 204)
    got(await client.DELETE('/uploads/{id}', { params: { path: { id: await begin() }, header: TUS } }), 204)

    const link = got(await client.POST('/uploads/links', { body: { max_size: 9 } }), 201)
    const headers = { ...TUS, 'Upload-Length': '9' }
    t.equal((await fetch(url + link.url, { method: 'POST', headers })).status, 201)
  })

  await t.test('recordings', async t => {
    const half = Math.floor(bytes.length / 2)
    const pieces = [file.slice(0, half), file.slice(half)] as const
    const begin = async () => got(await client.POST('/recordings', { body: { type: 'video/mp4' } }), 201).id
    const recording = await begin()
    const second = await client.PUT('/recordings/{id}/chunks/{n}', {
      params: { path: { id: recording, n: 1 } },
      headers: OCTETS,
      body: pieces[1],
      ...asIs,
    })
    t.same(got(second).missing, [0])
    got(await client.POST('/recordings/{id}/finalize', by(recording)), 409)
    const first = { ...by(recording), body: { chunk: pieces[0], index: 0 }, ...asForm }
    t.same(got(await client.POST('/recordings/{id}/chunks', first)).missing, [])
    const closed = await client.POST('/recordings/{id}/finalize', { ...by(recording), body: { chunks: 2 } })
    t.equal(got(closed).incomplete, false)
    await until(async () => got(await client.GET('/recordings/{id}', by(recording))).video)
    t.equal(got(await client.GET('/videos/{id}', by(recording))).size, bytes.length)

    const other = await begin()
    const last = { ...by(other), body: { chunk: file, index: 0 }, ...asForm }
    await client.POST('/recordings/{id}/finalize', last).then(answer => got(answer))
    got(await client.DELETE('/recordings/{id}', by(await begin())), 204)

    const { results } = got(await client.DELETE('/videos', { body: { ids: [recording, other, UNKNOWN] } }))
    t.same(
      results.map(({ result }) => result),
      ['deleted', 'deleted', 'not_found'],
    )
  })

  await t.test('webhooks', async t => {
    t.same(
      got(await client.GET('/webhooks')).items.map(item => item.id),
      [webhook.id],
    )
    t.match(got(await client.GET('/webhooks/{id}', by(webhook.id))), { events: ['video.ready'] })
    const renewed = got(await client.POST('/webhooks/{id}/secrets', by(webhook.id)), 201)
    t.not(renewed.secret, webhook.secret)
    const delivery = await until(async () => {
      const query = { state: 'delivered', limit: 100 } as const
      const log = got(
        await client.GET('/webhooks/{id}/deliveries', { params: { path: { id: webhook.id }, query } }),
      )
      return log.items.find(({ video_id }) => video_id === id)
    })
    t.match(delivery, { type: 'video.ready', response_status: 204 })
    t.match(got(await client.POST('/webhooks/{id}/ping', by(webhook.id))), {
      delivered: true,
      response_status: 204,
    })
    const again = { params: { path: { id: webhook.id, delivery: delivery.id } } }
    got(await client.POST('/webhooks/{id}/deliveries/{delivery}/replay', again), 202)
    got(await client.DELETE('/webhooks/{id}', by(webhook.id)), 204)
  })

  await t.test('keys and the session', async t => {
    const share = got(await client.POST('/videos/{id}/shares', { ...by(id), body: { name: 'Board' } }), 201)
    t.match(share.url, /\/s\/[\w-]{32}$/)
    t.equal(got(await client.GET('/videos/{id}/shares', by(id))).items[0]?.id, share.id)
    got(await client.DELETE('/shares/{id}', by(share.id)), 204)
    const key = got(await client.POST('/keys', { body: { owner: 'alice', name: 'Phone' } }), 201)
    t.ok(got(await client.GET('/keys')).items.some(({ id }) => id === key.id))
    got(await client.DELETE('/keys/{id}', by(key.id)), 204)
    t.equal(got(await client.POST('/session'), 201).owner, 'ann')
    t.same(got(await client.GET('/session')).scopes, ['admin'])
    got(await client.DELETE('/session'), 204)
  })

  await t.test('a step again, and the end', async t => {
    const poster = { params: { path: { id }, query: { step: 'poster' } } } as const
    got(await client.POST('/videos/{id}/retry', poster), 202)
    t.equal((await ended(id)).status, 'ready')
    got(await client.DELETE('/videos/{id}', by(id)), 204)
    got(await client.DELETE('/videos/{id}', by(id)), 404)
    t.ok(got(await client.GET('/videos/bin')).items.some(binned => binned.id === id))
    got(await client.GET('/videos/bin/{id}/poster', { ...by(id), parseAs: 'blob' }))
    t.ok(got(await client.GET('/usage')).bin.videos > 0)
    t.equal(got(await client.POST('/videos/{id}/restore', by(id))).id, id)
    got(await client.DELETE('/videos/{id}', by(id)), 204)
    const restored = got(await client.POST('/videos/restore', { body: { ids: [id] } }))
    t.same(restored.results, [{ id, result: 'restored' }])
    t.ok(Array.isArray(got(await client.GET('/videos/tags')).items))
    got(await client.DELETE('/videos/{id}', by(id)), 204)
    t.ok(got(await client.DELETE('/videos/bin')).deleted > 0)
    got(await client.POST('/videos/{id}/restore', by(id)), 404)
  })

  await t.test('nothing was left out', async t => {
    const all = Object.entries(described.document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => `${method} ${path}`),
    )
    t.ok(all.length > 40)
    t.same(
      // The old APIs have clients of their own: compatibility.test.ts.
      all.filter(operation => !called.has(operation) && !operation.includes(' /api/')),
      [],
    )
  })
})
