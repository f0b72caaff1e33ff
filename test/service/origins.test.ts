import t from 'tap'
import { LinkSigner } from '../../src/access/signed-links.ts'
import { rawRequest } from '../support/raw-request.ts'
import { type Service, startService } from '../support/service.ts'

const TUS = { 'tus-resumable': '1.0.0' }
const LOCAL = 'http://localhost:5173'
const EVIL = 'https://evil.example'
const APP = 'https://app.example.com'
const SECRETS = ['first-'.repeat(8), 'second-'.repeat(8), 'third-'.repeat(8)] as const

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
/** A browser asks before it sends these to another origin, whatever the route. */
const PREFLIGHTS = [
  ['POST', '/uploads'],
  ['PATCH', `/uploads/${ID}`],
  ['DELETE', `/uploads/${ID}`],
  ['POST', '/uploads/links'],
  ['PATCH', `/videos/${ID}`],
  ['PUT', `/recordings/${ID}/chunks/0`],
  ['GET', '/status'],
  ['GET', '/openapi.json'],
  ['GET', '/'],
  ['GET', '/docs'],
  ['PUT', '/nothing'],
] as const
/** What clients of either protocol and of the API send, and what they read. */
const SENT = [
  ...['authorization', 'content-type', 'x-request-id', 'x-requested-with', 'x-http-method-override'],
  ...['tus-resumable', 'upload-length', 'upload-defer-length', 'upload-metadata', 'upload-concat'],
  ...['upload-checksum', 'upload-offset', 'upload-complete', 'upload-incomplete', 'repr-digest'],
  ...['upload-draft-interop-version', 'content-disposition', 'content-digest', 'want-repr-digest'],
  ...['if-match', 'if-none-match', 'range', 'idempotency-key', 'last-event-id', 'x-trace'],
]
const READ = [
  ...[
    'location',
    'upload-offset',
    'upload-length',
    'upload-defer-length',
    'upload-metadata',
    'upload-concat',
  ],
  ...['upload-expires', 'upload-complete', 'upload-limit', 'tus-resumable', 'tus-version', 'tus-extension'],
  ...['tus-max-size', 'tus-checksum-algorithm', 'etag', 'content-range', 'content-disposition', 'x-trace'],
  ...['retry-after', 'idempotency-replayed', 'x-request-id', 'www-authenticate'],
]
const names = (list: unknown) => String(list).toLowerCase().split(/, */)

// On one kind of database, as none of this depends on it.
await t.test('pages of other origins', async t => {
  let last: Service | undefined
  const start = async (settings: Record<string, string>) => {
    await last?.stop()
    last = await startService({ env: settings })
    return last
  }
  t.teardown(() => last?.stop())
  const service = await start({
    ALLOWED_ORIGINS: `${APP}, https://other.example`,
    CORS_HEADERS: 'X-Trace',
    CORS_CREDENTIALS: 'on',
    PUBLIC_URL: 'https://media.example/in/',
    LINK_SECRETS: SECRETS[0],
  })

  await t.test('preflights', async t => {
    for (const [method, path] of PREFLIGHTS)
      for (const origin of [
        LOCAL,
        APP,
        'http://[::1]:3000',
        EVIL,
        'https://localhost.evil.example',
        'null',
      ]) {
        const { status, headers, text } = await rawRequest(service.url, path, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': method,
            'access-control-request-headers': SENT.join(),
          },
        })
        const label = `${method} ${path} ${origin}`
        // Some old browsers, televisions and clients refuse 204.
        t.same([status, text], [200, ''], label)
        t.match(headers['vary'], /\bOrigin\b/i)
        const isAllowed = origin === APP || URL.parse(origin)?.hostname.match(/^(localhost|\[::1\])$/)
        t.equal(headers['access-control-allow-origin'], isAllowed ? origin : undefined, label)
        t.equal(headers['access-control-allow-credentials'], origin === APP ? 'true' : undefined, label)
        if (!isAllowed) continue
        t.ok(names(headers['access-control-allow-methods']).includes(method.toLowerCase()), label)
        const allowed = names(headers['access-control-allow-headers'])
        t.same(
          SENT.filter(name => !allowed.includes(name)),
          [],
          label,
        )
      }
    for (const path of ['/uploads', `/uploads/${ID}`, '/videos', '/nothing', '*'])
      t.equal((await rawRequest(service.url, path, { method: 'OPTIONS' })).status, 200, `OPTIONS ${path}`)
  })

  await t.test('answers', async t => {
    for (const [origin, allowed] of [
      [LOCAL, LOCAL],
      [APP, APP],
      [EVIL, undefined],
    ] as const) {
      await t.test(
        'a name that is not known to be this service is not answered by what asks nobody who they are',
        async t => {
          const { port } = new URL(service.url)
          for (const host of ['localhost', '127.0.0.1', '[::1]', 'media.example'])
            t.equal(
              (await rawRequest(service.url, '/videos', { headers: { host: `${host}:${port}` } })).status,
              200,
              host,
            )
          for (const host of [
            'evil.example',
            '127.0.0.1.evil.example',
            'localhost.evil.example',
            'evil.',
            'tower',
          ]) {
            for (const path of ['/videos', '/openapi.json', '/uploads/x']) {
              const { status, text } = await rawRequest(service.url, path, {
                headers: { host: `${host}:${port}` },
              })
              t.match([status, JSON.parse(text).code], [403, 'foreign_host'], `${host} ${path}`)
            }
          }
        },
      )

      const created = await rawRequest(service.url, '/uploads', {
        method: 'POST',
        headers: { ...TUS, 'upload-length': 1, origin },
      })
      const list = await rawRequest(service.url, '/videos', { headers: { origin } })
      const refused = await rawRequest(service.url, '/videos/x', { headers: { origin } })
      t.same([created.status, list.status, refused.status], [allowed ? 201 : 403, 200, 400])
      for (const { headers } of [created, list, refused]) {
        t.equal(headers['access-control-allow-origin'], allowed)
        t.match(headers['vary'], /\bOrigin\b/i)
      }
      const page = await rawRequest(service.url, '/', { headers: { origin } })
      t.match(page.headers['vary'], /Origin, Accept-Encoding/)
      for (const { headers } of [created, list, refused, page]) {
        t.equal(headers['access-control-allow-credentials'], allowed === APP ? 'true' : undefined)
        const exposed = names(headers['access-control-expose-headers'])
        if (allowed)
          t.same(
            READ.filter(name => !exposed.includes(name)),
            [],
          )
      }
    }
  })

  await t.test('Location and links begin with PUBLIC_URL', async t => {
    const created = await rawRequest(service.url, '/uploads', {
      method: 'POST',
      headers: { ...TUS, 'upload-length': 0 },
    })
    t.match(created.headers.location, /^https:\/\/media\.example\/in\/uploads\/[0-9a-f-]{36}$/)
    const id = created.headers.location!.split('/').at(-1)
    const video = JSON.parse((await rawRequest(service.url, `/videos/${id}`)).text)
    t.equal(video.links.self, `https://media.example/in/videos/${id}`)
    t.equal(video.links.source, `https://media.example/in/videos/${id}/source`)
  })

  await t.test('browsers are told to come by TLS', async t => {
    for (const path of ['/videos', '/nothing', '/uploads/x', '/health/live'])
      t.match(
        (await rawRequest(service.url, path)).headers['strict-transport-security'],
        /^max-age=31536000$/,
      )
  })

  await t.test('pages of other origins change nothing where nobody is asked who they are', async t => {
    const post = (path: string, site: string | undefined, origin: string) =>
      rawRequest(service.url, path, {
        method: 'POST',
        headers: { ...TUS, 'upload-length': 1, origin, ...(site && { 'sec-fetch-site': site }) },
      })
    for (const path of ['/uploads', '/recordings']) {
      for (const site of ['cross-site', 'same-site']) {
        const refused = await post(path, site, EVIL)
        t.match([refused.status, JSON.parse(refused.text).code], [403, 'foreign_origin'])
        t.equal((await post(path, site, APP)).status, 201, 'but those that are listed')
      }
      t.equal((await post(path, 'same-origin', 'https://media.example')).status, 201, 'and its own page')
    }
    const headers = { 'sec-fetch-site': 'cross-site' }
    t.equal((await rawRequest(service.url, '/videos', { headers })).status, 200)
  })

  const created = await rawRequest(service.url, '/uploads', {
    method: 'POST',
    headers: { ...TUS, 'upload-length': 0 },
  })
  const id = created.headers.location!.split('/').at(-1)!
  const sign = async (url: string): Promise<string> => {
    const body = '{"kinds":["source"]}'
    const headers = { 'content-type': 'application/json' }
    const { text } = await rawRequest(url, `/videos/${id}/links`, { method: 'POST', headers, body })
    return `/videos/${id}/source${new URL(JSON.parse(text).links.source, url).search}`
  }
  const before = await sign(service.url)
  await service.stop()

  await t.test('links stand while LINK_SECRETS are changed over, and nginx sends what they open', async t => {
    const { url } = await start({
      LINK_SECRETS: `${SECRETS[1]}, ${SECRETS[0]}`,
      ACCEL_REDIRECT: '/stored',
      DATA_DIR: service.dataDir,
    })
    const expires = Math.floor(Date.now() / 1000) + 60
    const signed = (secret: string) =>
      `/videos/${id}/source?${new LinkSigner([secret]).sign({ videoId: id, kind: 'source', expires })}`
    for (const link of [before, await sign(url), signed(SECRETS[1]), signed(SECRETS[0])]) {
      const { status, headers } = await rawRequest(url, link)
      t.equal(status, 200, link)
      t.match(headers['x-accel-redirect'], /^\/stored\/\S+$/)
    }
    for (const link of [signed(SECRETS[2]), before.replace(/expires=./, 'expires=9'), before.slice(0, -1)]) {
      const { status, headers } = await rawRequest(url, link)
      t.equal(status, 403, link)
      t.equal(headers['x-accel-redirect'], undefined)
    }
    t.not(new URL(await sign(url), url).search, before, 'the new one signs')
  })

  await t.test('ALLOWED_ORIGINS=*', async t => {
    const open = await start({ ALLOWED_ORIGINS: '*' })
    for (const path of ['/videos', '/status']) {
      const { headers } = await rawRequest(open.url, path, { headers: { origin: EVIL } })
      t.ok([EVIL, '*'].includes(String(headers['access-control-allow-origin'])))
    }
  })
})
