import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { bigClip, clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, type VideoPageView, type VideoView } from '../support/video-api.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

interface Bin {
  readonly items: readonly {
    id: string
    title: string
    deleted_at: string
    permanent_at: string
    links: { poster_small: string | null }
  }[]
  readonly videos: number
  readonly bytes: number
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
}

const NO_ID = '01900000-0000-7000-8000-000000000000'
const DAY_MS = 86_400_000
const TUS = { 'tus-resumable': '1.0.0' }
const JSON_TYPE = { 'content-type': 'application/json' }

t.test('without sign-in', async t => {
  const receiver = await startWebhookReceiver()
  t.teardown(() => receiver.close())
  const dataDir = throwAwayDirectory('bin')
  const env = { DATA_DIR: dataDir, WEBHOOK_ALLOW_PRIVATE: 'on', SWEEP_INTERVAL: '1' }
  let service = await startService({ env })
  t.teardown(() => service.stop())
  const { url } = service
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    rawRequest(url, path, {
      method,
      headers: body ? { 'content-length': body.length, ...headers } : headers,
      ...(body && { body }),
    })
  const bin = () => getJson<Bin>(`${url}/videos/bin`)
  const { secret: _, ...hook } = await getJson<{ id: string; secret: string }>(`${url}/webhooks`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ url: `http://127.0.0.1:${receiver.port}/hook` }),
  })
  t.ok(hook.id)
  const path = await clip()
  const { id } = await postVideo(url, path, { title: 'Walrus', tags: 'sea' })
  const before = await endedVideo(url, id)
  const { headers } = await send('GET', `/videos/${id}`)

  await t.test('a deleted video is gone on every route, and its files are there', async t => {
    const { links } = await getJson<{ links: Record<string, string> }>(`${url}/videos/${id}/links`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({
        kinds: ['stream', 'source', 'poster', 'embed', 'captions', 'storyboard', 'events'],
      }),
    })
    t.equal((await send('DELETE', `/videos/${id}`, { 'if-match': '"other"' })).status, 412)
    t.equal((await send('DELETE', `/videos/${id}`, { 'if-match': headers.etag! })).status, 204)
    for (const link of Object.values(links).filter(Boolean))
      t.equal((await send('GET', link.replace(url, ''))).status, 404, link)
    const { paths } = await getJson<Document>(`${url}/openapi.json`)
    const bodies: Record<string, string> = {
      'PATCH /videos/{id}': '{"title":"x"}',
      'PUT /videos/{id}': '{"title":"x"}',
      'POST /videos/{id}/links': '{"kinds":["stream"]}',
      'POST /videos/{id}/shares': '{}',
      'PUT /videos/{id}/transcript': '{"segments":[]}',
    }
    let checked = 0
    for (const [route, methods] of Object.entries(paths))
      for (const method of Object.keys(methods).map(name => name.toUpperCase())) {
        if (!/^\/(api\/)?videos\/\{id\}/.test(route) || route.endsWith('/restore')) continue
        const body = bodies[`${method} ${route}`]
        const at = route.replace('{id}', id).replace('{file}', '2.vtt').replace('{revision}', '1')
        const answer = await send(
          method,
          at,
          {
            ...(body && JSON_TYPE),
            ...(/transcript$/.test(route) && { 'if-match': '"1"' }),
          },
          body,
        )
        // The old API checks a body before it looks for the video.
        t.ok(
          answer.status === 404 || (route.startsWith('/api/') && method === 'PUT'),
          `${method} ${at}: ${answer.status} ${answer.text}`,
        )
        checked++
      }
    t.ok(checked > 25, `${checked} operations`)
    for (const method of ['HEAD', 'PATCH', 'DELETE'])
      t.equal(
        (
          await send(method, `/uploads/${id}`, {
            ...TUS,
            'upload-offset': '0',
            'content-type': 'application/offset+octet-stream',
          })
        ).status,
        404,
        method,
      )
    t.equal((await send('GET', `/recordings/${id}`)).status, 404)
    for (const query of ['', '?tag=sea', '?q=walrus', '?status=ready,uploading', '?sort=title'])
      t.same((await getJson<VideoPageView>(`${url}/videos${query}`)).items, [], query)
    t.same((await getJson<{ data: object[] }>(`${url}/api/videos/`)).data, [])
    t.ok(existsSync(join(dataDir, 'uploads', id)), 'the source is there')
    t.ok(existsSync(join(dataDir, 'artifacts', id)))
    t.match(await send('DELETE', `/videos/${id}`), { status: 404 }, 'deleting it again')
    const metrics = await (await fetch(`${url}/metrics`)).text()
    t.match(metrics, /^longtake_bin_videos 1$/m)
    t.notMatch(metrics, /^longtake_steps\{.*\} [1-9]/m)
  })

  await t.test('the bin shows it, and how long it stays', async t => {
    const { items, videos, bytes } = await bin()
    t.match(items, [{ id, title: 'Walrus' }])
    const poster = await fetch(new URL(items[0]!.links.poster_small!, url))
    t.same([poster.status, poster.headers.get('content-type')], [200, 'image/jpeg'])
    t.equal(Date.parse(items[0]!.permanent_at) - Date.parse(items[0]!.deleted_at), 30 * DAY_MS)
    t.same([videos, bytes], [1, before.size])
    t.match(await getJson(`${url}/usage`), {
      quota: null,
      bytes: before.size,
      bin: { videos: 1, bytes: before.size },
    })
    t.match(JSON.parse((await send('GET', '/videos/bin?cursor=x')).text), {
      code: 'invalid_cursor',
      field: 'cursor',
    })
    t.equal((await send('GET', '/videos/bin?limit=0')).status, 400)
  })

  await t.test('it is restored as it was, and programs are told', async t => {
    t.equal((await send('POST', `/videos/${id}/restore`, { 'if-match': '"other"' })).status, 412)
    const restored = await send('POST', `/videos/${id}/restore`, { 'if-match': headers.etag! })
    t.equal(restored.status, 200)
    const { updated_at, ...rest } = JSON.parse(restored.text) as VideoView
    t.match(before, rest)
    t.equal(
      String(restored.headers.etag).split('-')[0],
      String(headers.etag).split('-')[0],
      'its version for changes',
    )
    t.equal((await send('POST', `/videos/${id}/restore`)).status, 200, 'again')
    for (const link of ['stream', 'source', 'poster'])
      t.equal((await send('GET', `/videos/${id}/${link}`)).status, 200, link)
    t.equal((await send('HEAD', `/uploads/${id}`, TUS)).headers['upload-offset'], String(before.size))
    t.same(
      (await getJson<VideoPageView>(`${url}/videos?q=walrus`)).items.map(video => video.id),
      [id],
    )
    t.equal((await bin()).videos, 0)
    const told = () =>
      receiver.received.map(({ body }) => JSON.parse(body).type).filter(type => /deleted|restored/.test(type))
    await until(() => told().length === 2)
    t.same(told(), ['video.deleted', 'video.restored'])
    for (const unknown of ['0197b0c2-0000-7000-8000-000000000000', 'x'])
      t.ok([400, 404].includes((await send('POST', `/videos/${unknown}/restore`)).status))
  })

  await t.test('what plays ends, as after every deletion', async t => {
    const { id } = await postVideo(url, await bigClip(30_000_000, { words: [] }))
    await endedVideo(url, id)
    const asked = get(`${url}/videos/${id}/source`, { agent: false }).on('error', () => {})
    const [response] = await once(asked, 'response')
    const told = (await fetch(`${url}/videos/${id}/events`)).text()
    const broken = new Promise(resolve => response.on('error', () => {}).on('close', resolve))
    await once(response, 'readable')
    t.equal((await send('DELETE', `/videos/${id}`)).status, 204)
    t.match(await told, /event: deleted\n/)
    response.resume()
    await broken
    t.notOk(response.complete)
    t.equal((await send('DELETE', `/videos/${id}?permanent=true`)).status, 204, 'from the bin, permanently')
    t.notOk(existsSync(join(dataDir, 'uploads', id)))
    t.equal((await send('POST', `/videos/${id}/restore`)).status, 404)
    t.equal((await send('DELETE', `/videos/${id}?permanent=true`)).status, 404)
    t.equal((await send('DELETE', `/videos/${id}?permanent=maybe`)).status, 400)
  })

  await t.test('several at once, and the whole bin', async t => {
    const ids = await Promise.all([1, 2, 3, 4].map(async () => (await postVideo(url, path)).id))
    const remove = (query: string, ids: string[]) =>
      send('DELETE', `/videos${query}`, JSON_TYPE, JSON.stringify({ ids }))
    t.same(
      JSON.parse((await remove('', ids.slice(0, 3))).text).results.map(
        ({ result }: { result: string }) => result,
      ),
      ['deleted', 'deleted', 'deleted'],
    )
    t.equal((await bin()).videos, 3)
    const restored = await send(
      'POST',
      '/videos/restore',
      JSON_TYPE,
      JSON.stringify({ ids: [...ids, NO_ID] }),
    )
    t.same(
      JSON.parse(restored.text).results,
      [...ids, NO_ID].map(id => ({ id, result: id === NO_ID ? 'not_found' : 'restored' })),
      'also one that was not in the bin',
    )
    t.equal((await bin()).videos, 0)
    t.equal((await send('GET', `/videos/bin/${ids[0]}/poster`)).status, 404, 'it is not in the bin any more')
    t.equal((await send('POST', '/videos/restore', JSON_TYPE, '{"ids":[]}')).status, 400)
    await remove('', ids.slice(0, 3))
    t.match(JSON.parse((await remove('', ids.slice(0, 1))).text).results, [{ result: 'not_found' }])
    t.match(JSON.parse((await remove('?permanent=true', [ids[0]!, ids[3]!])).text).results, [
      { result: 'deleted' },
      { result: 'deleted' },
    ])
    t.same((await bin()).items.map(({ id }) => id).sort(), ids.slice(1, 3).sort())
    t.same(JSON.parse((await send('DELETE', '/videos/bin')).text), { deleted: 2 })
    t.same((await bin()).items, [])
    await until(() =>
      ids.every(
        id => !existsSync(join(dataDir, 'uploads', id)) && !existsSync(join(dataDir, 'artifacts', id)),
      ),
    )
    t.equal((await send('GET', `/videos/${id}`)).status, 200, 'the others stay')
  })

  await t.test(
    'uploads: those in progress never go to the bin, nor do finished ones that their protocol ends',
    async t => {
      const tus = new TusWire(url)
      const upload = await tus.create(10)
      t.equal((await send('DELETE', upload.replace('/uploads/', '/videos/'))).status, 204)
      t.equal((await tus.send('DELETE', `/uploads/${(await postVideo(url, path)).id}`)).status, 204)
      t.same((await bin()).items, [])
    },
  )

  await t.test('clients of the old APIs delete to the bin', async t => {
    const old = (await postVideo(url, path)).id
    t.equal((await send('DELETE', `/api/videos/${old}/`)).status, 200)
    for (const path of ['', 'stream/']) t.equal((await send('GET', `/api/videos/${old}/${path}`)).status, 404)
    t.equal((await send('POST', `/videos/${old}/restore`)).status, 200)
    t.equal((await send('GET', `/api/videos/${old}/`)).status, 200)
    await send('DELETE', `/videos/${old}`)
  })

  await t.test('without a bin, what is in it goes, and deleting is permanent', async t => {
    const [binned] = (await bin()).items
    await service.stop()
    service = await startService({ env: { ...env, BIN_DAYS: '0' } })
    await until(() => !existsSync(join(dataDir, 'uploads', binned!.id)))
    t.equal((await fetch(`${service.url}/videos/${id}`, { method: 'DELETE' })).status, 204)
    t.notOk(existsSync(join(dataDir, 'uploads', id)))
    t.equal((await getJson<Bin>(`${service.url}/videos/bin`)).videos, 0)
  })
})

t.test('with sign-in', async t => {
  const readWrite = ['read', 'write'] as const
  const { service, keys } = await startGuarded(
    { STORAGE_QUOTA: '1000' },
    {
      ann: { owner: 'ann', scopes: readWrite },
      reader: { owner: 'ann', scopes: ['read'] },
      bob: { owner: 'bob', scopes: readWrite },
      admin: { owner: 'root', scopes: ['admin'] },
    },
  )
  t.teardown(() => service.stop())
  const { url } = service
  const ask = (who: keyof typeof keys, method: string, path: string) =>
    rawRequest(url, path, { method, headers: keys[who] })
  const post = async (who: keyof typeof keys, bytes: number) => {
    const form = new FormData()
    form.append('video', new Blob(['x'.repeat(bytes)]), 'x.mp4')
    return fetch(`${url}/videos`, { method: 'POST', body: form, headers: keys[who] })
  }
  const { id } = (await (await post('ann', 700)).json()) as VideoView

  await t.test('only its owner and admins see, restore and delete it', async t => {
    t.equal((await ask('reader', 'DELETE', `/videos/${id}`)).status, 403)
    t.equal((await ask('bob', 'DELETE', `/videos/${id}?permanent=true`)).status, 404)
    t.equal((await ask('ann', 'DELETE', `/videos/${id}`)).status, 204)
    for (const path of [`/videos/${id}/restore`]) {
      t.equal((await ask('bob', 'POST', path)).status, 404)
      t.equal((await ask('reader', 'POST', path)).status, 403)
      t.equal((await rawRequest(url, path, { method: 'POST' })).status, 401)
    }
    t.equal((await ask('bob', 'DELETE', `/videos/${id}?permanent=true`)).status, 404)
    t.equal((await ask('bob', 'GET', `/videos/bin/${id}/poster`)).status, 404)
    const restoreAs = (who: keyof typeof keys) =>
      fetch(`${url}/videos/restore`, {
        method: 'POST',
        headers: { ...keys[who], ...JSON_TYPE },
        body: JSON.stringify({ ids: [id] }),
      })
    t.match(await (await restoreAs('bob')).json(), { results: [{ id, result: 'not_found' }] })
    t.equal((await restoreAs('reader')).status, 403)
    t.equal((await ask('reader', 'DELETE', '/videos/bin')).status, 403)
    t.same(JSON.parse((await ask('bob', 'DELETE', '/videos/bin')).text), { deleted: 0 })
    for (const [who, count] of [
      ['ann', 1],
      ['reader', 1],
      ['bob', 0],
      ['admin', 1],
    ] as const)
      t.equal(JSON.parse((await ask(who, 'GET', '/videos/bin')).text).items.length, count, who)
    t.equal((await rawRequest(url, '/videos/bin')).status, 401)
    t.equal((await ask('ann', 'GET', `/videos/${id}`)).status, 404)
    t.equal((await ask('admin', 'GET', `/videos/${id}`)).status, 404)
  })

  await t.test('the quota counts it, and the error says so', async t => {
    t.match(JSON.parse((await ask('ann', 'GET', '/usage')).text), {
      bytes: 700,
      quota: 1000,
      bin: { videos: 1, bytes: 700 },
    })
    t.match(JSON.parse((await ask('bob', 'GET', '/usage')).text), { bytes: 0, bin: { videos: 0, bytes: 0 } })
    const refused = await post('ann', 400)
    t.equal(refused.status, 413)
    t.match(await refused.json(), { code: 'quota_exceeded', bin_bytes: 700, detail: /bin holds 700 bytes/ })
    t.equal((await ask('ann', 'DELETE', `/videos/${id}?permanent=true`)).status, 204)
    t.equal((await post('ann', 400)).status, 201)
  })
})
