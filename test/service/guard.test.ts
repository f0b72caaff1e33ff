import t from 'tap'
import { NatsQueue } from '../../src/messaging/nats-queue.ts'
import type { VideoEvent } from '../../src/messaging/queue.ts'
import { flavours } from '../support/flavours.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { OCTETS } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

type Credential = { readonly authorization?: string }
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { security?: object[] }>>>>
}

const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const TUS = { 'tus-resumable': '1.0.0' }
const FOR_ADMINS = /^\/(webhooks|keys)\b/
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete']

await flavours(t, async (t, { name, env }) => {
  const events: VideoEvent[] = []
  const { service, keys } = await startGuarded(
    { ...env, STORAGE_QUOTA: '1000', MAX_UNFINISHED_UPLOADS: '6' },
    {
      alice: { owner: 'alice', scopes: ['read', 'write'] },
      reader: { owner: 'alice', scopes: ['read'] },
      writer: { owner: 'alice', scopes: ['write'] },
      bob: { owner: 'bob', scopes: ['read', 'write'] },
      full: { owner: 'full', scopes: ['read', 'write'] },
      admin: { owner: 'root', scopes: ['admin'] },
    },
  )
  t.teardown(() => service.stop())
  const { url } = service
  if (name === 'served') {
    const queue = new NatsQueue(env['NATS_URL']!, recordedLog().log)
    t.teardown(() => queue.close())
    queue.consume('test', 'video.uploaded', async ({ event }) => void events.push(event))
    queue.consume('test-deleted', 'video.deleted', async ({ event }) => void events.push(event))
  }
  const ask = (
    who: Credential,
    method: string,
    path: string,
    headers: Record<string, string | number> = {},
    body?: string,
  ) => rawRequest(url, path, { method, headers: { ...who, ...headers }, ...(body !== undefined && { body }) })
  const json = (who: Credential, method: string, path: string, value: unknown) => {
    const body = JSON.stringify(value)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    return ask(who, method, path, headers, body)
  }
  /** Status and code; an endless answer is not waited for. */
  const status = async (who: Credential, method: string, path: string, headers: Record<string, string>) => {
    const answer = await fetch(url + path, { method, headers: { ...who, ...headers }, redirect: 'manual' })
    const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json')
    const problem = isProblem && method !== 'HEAD' ? ((await answer.json()) as { code: string }) : undefined
    await answer.body?.cancel().catch(() => {})
    return { status: answer.status, code: problem?.code, challenge: answer.headers.get('www-authenticate') }
  }
  const create = async (
    who: Credential,
    length: number | undefined,
    headers: Record<string, string> = {},
  ) => {
    const size: Record<string, number> =
      length === undefined ? { 'upload-defer-length': 1 } : { 'upload-length': length }
    return ask(who, 'POST', '/uploads', { ...TUS, ...size, ...headers })
  }
  const patch = (who: Credential, path: string, offset: number, body: string) =>
    ask(who, 'PATCH', path, { ...TUS, 'upload-offset': offset, 'content-type': OCTETS }, body)
  const upload = async (who: Credential, text: string, title: string) => {
    const { headers } = await create(who, text.length, {
      'upload-metadata': `title ${Buffer.from(title).toString('base64')}`,
    })
    t.equal((await patch(who, headers.location!, 0, text)).status, 204)
    return headers.location!.split('/').at(-1)!
  }

  const video = await upload(keys.alice, 'a video of hers', 'Secret of Alice')
  const others = await upload(keys.bob, 'a video of his', 'Diary of Bob')
  const unfinished = (await create(keys.alice, 10)).headers.location!
  const recording = JSON.parse((await json(keys.alice, 'POST', '/recordings', {})).text).id as string
  const share = JSON.parse((await json(keys.alice, 'POST', `/videos/${video}/shares`, {})).text).id as string
  const answer = await ask(keys.alice, 'GET', '/openapi.json')
  const { paths } = JSON.parse(answer.text) as Document
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.filter(method => operations[method] || (method === 'head' && operations['get'])).map(method => ({
      path,
      method: method.toUpperCase(),
      open: (operations[method] ?? operations['get'])!.security?.length === 0,
      url: path
        .replace(/^\/videos\/\{id\}/, `/videos/${video}`)
        .replace(/^\/uploads\/\{id\}/, unfinished)
        .replace(/^\/recordings\/\{id\}/, `/recordings/${recording}`)
        .replace(/^\/api\/videos\/\{id\}/, `/api/videos/${video}`)
        .replace(/^\/shares\/\{id\}/, `/shares/${share}`)
        .replace('{session_id}', recording)
        .replaceAll('{id}', UNKNOWN)
        .replaceAll('{delivery}', UNKNOWN)
        .replace(/\{\w+\}/g, '1'),
    })),
  )
  const isOwned = (path: string) =>
    /^\/(videos|videos\/bin|uploads|recordings|shares|api\/videos)\/\{id\}|^\/api\/get-recorded-data/.test(
      path,
    )
  const headersOf = (path: string) => (path.startsWith('/uploads') && path !== '/uploads/links' ? TUS : {})

  await t.test('every route, without a key', async t => {
    t.ok(routes.length > 40, `${routes.length} routes`)
    const open = routes.filter(route => route.open).map(({ path }) => path)
    t.same([...new Set(open)].sort(), ['/api/status', '/health/live', '/health/ready', '/session'])
    for (const route of routes) {
      const wrong = { authorization: 'Bearer longtake_0000000000000000000000000000000000000000000' }
      for (const who of [{}, wrong]) {
        const got = await status(who, route.method, route.url, headersOf(route.path))
        if (route.open) t.equal(got.status, route.path === '/session' ? 204 : 200)
        else
          t.match(got, { status: 401, challenge: /^Bearer realm="longtake"/ }, `${route.method} ${route.url}`)
      }
    }
    t.equal((await status({}, 'GET', '/status', {})).status, 401)
    for (const path of ['/docs', '/docs/', '/docs/icon.svg', '/openapi.json'])
      t.equal((await status({}, 'GET', path, {})).status, 200, `${path} says nothing of what is stored`)
    t.equal((await status({}, 'GET', '/nowhere', {})).status, 404)
  })

  await t.test("every route, of what is somebody else's", async t => {
    for (const route of routes.filter(({ open }) => !open)) {
      const got = await status(keys.bob, route.method, route.url, headersOf(route.path))
      const what = `${route.method} ${route.url}: ${got.status}`
      if (isOwned(route.path)) t.equal(got.status, 404, what)
      else if (FOR_ADMINS.test(route.path)) t.match(got, { status: 403 }, what)
      else t.notOk([401, 403, 404].includes(got.status), what)
    }
    // The same as for what is not there at all.
    const foreign = JSON.parse((await ask(keys.bob, 'GET', `/videos/${video}`)).text)
    const nothing = JSON.parse((await ask(keys.bob, 'GET', `/videos/${UNKNOWN}`)).text)
    t.same({ ...foreign, request_id: '' }, { ...nothing, request_id: '' })
    t.equal((await ask(keys.bob, 'GET', `/videos/${video.toUpperCase()}`)).status, 404)
    t.equal((await ask(keys.bob, 'GET', `/videos/${video}/`)).status, 404)
    t.equal((await ask(keys.alice, 'GET', `/videos/${video}`)).status, 200)
    t.equal((await ask(keys.admin, 'GET', `/videos/${video}`)).status, 200)
    t.equal((await ask(keys.admin, 'HEAD', unfinished, TUS)).status, 200)
  })

  await t.test('every route, by a key that may only read', async t => {
    for (const route of routes.filter(({ open }) => !open)) {
      const got = await status(keys.reader, route.method, route.url, headersOf(route.path))
      const what = `${route.method} ${route.url}: ${got.status} ${got.code}`
      const reads =
        ['GET', 'HEAD'].includes(route.method) || ['/videos/{id}/links', '/session'].includes(route.path)
      const forbidden = FOR_ADMINS.test(route.path) || !reads
      t.equal(got.status === 403, forbidden, what)
      if (forbidden) t.match(got.challenge, /error="insufficient_scope", scope="(write|admin)"/)
    }
    t.equal((await status(keys.writer, 'GET', `/videos/${video}`, {})).status, 403)
    t.equal((await status(keys.writer, 'HEAD', unfinished, TUS)).status, 200)
  })

  await t.test("lists and searches find one's own", async t => {
    const titles = async (who: Credential, query: string) =>
      JSON.parse((await ask(who, 'GET', `/videos?${query}`)).text).items.map(
        (item: { title: string }) => item.title,
      )
    for (const query of [
      '',
      'sort=title',
      'q=of',
      'q=secret',
      'q=alice&sort=title',
      'status=processing',
      'limit=1',
    ]) {
      const found = await titles(keys.bob, query)
      t.notOk(found.includes('Secret of Alice'), query)
    }
    t.same(await titles(keys.bob, 'sort=title'), ['Diary of Bob'])
    t.same(await titles(keys.bob, 'q=secret'), [])
    t.same(await titles(keys.alice, 'q=secret'), ['Secret of Alice'])
    t.same(await titles(keys.admin, 'sort=title'), ['Diary of Bob', 'Secret of Alice'])
  })

  await t.test('an address means the same to the guard and to the protocol', async t => {
    const id = unfinished.split('/').at(-1)!
    const own = (await create(keys.bob, 5)).headers.location!
    const tricks = [
      `/uploads?/${id}`,
      `/uploads/x?y=/${id}`,
      `/uploads/x#/${id}`,
      `${own.toUpperCase()}?x=/${id}`,
      `${own}\\..\\${id}`,
      `/uploads/.\\${id}`,
      `/uploads/${id.toUpperCase()}`,
      `//uploads/${id}`,
      `http://evil.example/uploads/${id}`,
    ]
    for (const path of tricks)
      for (const method of ['HEAD', 'PATCH', 'DELETE', 'GET']) {
        const headers = { ...TUS, 'upload-offset': '0', 'content-type': OCTETS }
        const got = await ask(keys.bob, method, path, headers, method === 'PATCH' ? 'x' : undefined)
        t.equal(got.status, 404, `${method} ${path}`)
      }
    for (const method of ['OPTIONS', 'HEAD', 'GET', 'POST']) {
      const headers = {
        ...TUS,
        'upload-offset': 0,
        'content-type': OCTETS,
        'x-http-method-override': 'PATCH',
      }
      for (const [who, expected] of [
        [{}, 401],
        [keys.reader, 403],
        [keys.bob, 404],
      ] as const) {
        const got = await ask(who, method, unfinished, headers, method === 'POST' ? 'x' : undefined)
        t.equal(got.status, expected, `${method} as PATCH`)
      }
    }
    t.equal((await ask(keys.alice, 'HEAD', unfinished, TUS)).headers['upload-offset'], '0')
    t.equal((await ask({}, 'OPTIONS', '/uploads', TUS)).status, 200)
    await ask(keys.bob, 'DELETE', own, TUS)
  })

  await t.test("only one's own parts can be joined", async t => {
    const partial = { 'upload-concat': 'partial' }
    const mine = (await create(keys.bob, 1, partial)).headers.location!
    const hers = (await create(keys.alice, 1, partial)).headers.location!
    for (const path of [mine, hers]) await patch(path === mine ? keys.bob : keys.alice, path, 0, 'x')
    for (const who of [keys.bob, keys.admin]) {
      const got = await ask(who, 'POST', '/uploads', { ...TUS, 'upload-concat': `final;${mine} ${hers}` })
      t.match([got.status, got.text], [400, /not a partial upload/])
    }
    const whole = await ask(keys.bob, 'POST', '/uploads', {
      ...TUS,
      'upload-concat': `final;${mine} ${mine}`,
    })
    t.equal(whole.status, 201)
    const id = whole.headers.location!.split('/').at(-1)
    t.equal((await ask(keys.bob, 'GET', `/videos/${id}`)).status, 200)
    t.equal((await ask(keys.alice, 'GET', `/videos/${id}`)).status, 404)
    t.equal((await ask(keys.bob, 'DELETE', `/videos/${id}`)).status, 204)
  })

  await t.test('an owner has so much room', async t => {
    const refusedCreation = await create(keys.full, 1001)
    t.match([refusedCreation.status, refusedCreation.text], [413, /1000 bytes/])
    const first = (await create(keys.full, 600)).headers.location!
    t.equal((await create(keys.full, 401)).status, 413, 'what is announced counts')
    const open = (await create(keys.full, undefined)).headers.location!
    t.equal((await patch(keys.full, open, 0, 'x'.repeat(300))).status, 204)
    t.equal((await patch(keys.full, open, 300, 'x'.repeat(101))).status, 413, 'as the bytes come')
    const declared = await ask(
      keys.full,
      'PATCH',
      open,
      { ...TUS, 'upload-offset': 300, 'upload-length': 401, 'content-type': OCTETS },
      'x',
    )
    t.equal(declared.status, 413)
    t.equal((await patch(keys.full, open, 300, 'x'.repeat(100))).status, 204, 'up to the last byte')
    const form = new FormData()
    form.append('video', new Blob(['y']), 'a.mp4')
    const posted = await fetch(`${url}/videos`, { method: 'POST', body: form, headers: keys.full })
    t.match([posted.status, await posted.json()], [413, { code: 'quota_exceeded' }])
    const record = JSON.parse((await json(keys.full, 'POST', '/recordings', {})).text)
    const chunk = await ask(keys.full, 'PUT', `/recordings/${record.id}/chunks/0`, {}, 'z')
    t.equal(chunk.status, 413)
    const endless = openRequest(url, `/recordings/${record.id}/chunks/0`, {
      method: 'PUT',
      headers: { ...keys.full, 'transfer-encoding': 'chunked' },
    })
    endless.outgoing.write('z'.repeat(1001))
    t.equal((await endless.answer).status, 413, 'also where no length is told, and before all of it has come')
    endless.outgoing.on('error', () => {}).destroy()
    t.equal((await ask(keys.full, 'DELETE', first, TUS)).status, 204)
    t.equal((await ask(keys.full, 'PUT', `/recordings/${record.id}/chunks/0`, {}, 'z')).status, 200)
    t.equal((await create(keys.full, 599)).status, 201)
    t.equal((await create(keys.full, 1)).status, 413)
  })

  await t.test('and so many unfinished uploads', async t => {
    const got = await Promise.all(Array.from({ length: 12 }, () => create(keys.admin, 1)))
    const statuses = got.map(answer => answer.status)
    t.equal(statuses.filter(each => each === 201).length, 6, String(statuses))
    const refused = got.find(answer => answer.status === 429)!
    t.match(refused.text, /6 unfinished uploads/)
    const path = got.find(answer => answer.status === 201)!.headers.location!
    t.equal((await patch(keys.admin, path, 0, 'x')).status, 204)
    t.equal((await create(keys.admin, 1)).status, 201)
  })

  if (name === 'served')
    await t.test('events tell whose it is', async t => {
      t.equal((await ask(keys.bob, 'DELETE', `/videos/${others}`)).status, 204)
      const ofHis = () => events.filter(({ video_id }) => video_id === others)
      // At least once, and each type by a consumer of its own.
      const types = () => new Set(ofHis().map(({ type }) => type))
      await until(() => types().size === 2)
      t.same(new Set(ofHis().map(({ owner }) => owner)), new Set(['bob']))
      t.match(await until(() => events.find(({ video_id }) => video_id === video)), { owner: 'alice' })
    })

  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed' || msg === 'tus request failed'),
    [],
  )
})
