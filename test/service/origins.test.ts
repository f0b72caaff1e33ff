import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'

const TUS = { 'tus-resumable': '1.0.0' }
const LOCAL = 'http://localhost:5173'
const EVIL = 'https://evil.example'
const APP = 'https://app.example.com'

/** A browser's questions before it sends a request to another origin, by path. */
const PREFLIGHTS = {
  '/uploads': {
    method: 'POST',
    headers: [
      'tus-resumable',
      'upload-length',
      'upload-defer-length',
      'upload-metadata',
      'upload-concat',
      'upload-checksum',
      'x-http-method-override',
      'content-type',
    ],
  },
  '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071': {
    method: 'PATCH',
    headers: ['tus-resumable', 'upload-offset', 'upload-length', 'upload-checksum', 'content-type'],
  },
  '/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071': { method: 'PATCH', headers: ['content-type'] },
}

await flavours(t, async (t, { env }) => {
  const start = async (settings: Record<string, string>) => {
    const service = await startService({ env: { ...env, ...settings } })
    t.teardown(() => service.stop())
    return service
  }
  const service = await start({
    ALLOWED_ORIGINS: `${APP}, https://other.example`,
    PUBLIC_URL: 'https://media.example/in/',
  })

  const preflight = (path: keyof typeof PREFLIGHTS, origin: string) =>
    rawRequest(service.url, path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': PREFLIGHTS[path].method,
        'access-control-request-headers': PREFLIGHTS[path].headers.join(','),
      },
    })

  for (const path of Object.keys(PREFLIGHTS) as (keyof typeof PREFLIGHTS)[]) {
    const { method, headers: asked } = PREFLIGHTS[path]
    await t.test(`${method} ${path}: preflight`, async t => {
      for (const origin of [LOCAL, APP, 'http://127.0.0.1:8080', 'http://[::1]:3000']) {
        const { status, headers } = await preflight(path, origin)
        t.ok([200, 204].includes(status))
        t.equal(headers['access-control-allow-origin'], origin)
        t.match(headers['vary'], /\bOrigin\b/i)
        t.ok(String(headers['access-control-allow-methods']).includes(method), `${method} may be sent`)
        const allowed = String(headers['access-control-allow-headers']).toLowerCase()
        for (const header of asked) t.ok(allowed.includes(header), `${header} may be sent`)
      }
      for (const origin of [
        EVIL,
        'https://localhost.evil.example',
        'null',
        'http://localhost@evil.example',
      ]) {
        const { status, headers } = await preflight(path, origin)
        t.ok(status < 500)
        t.equal(headers['access-control-allow-origin'], undefined, origin)
        t.match(headers['vary'], /\bOrigin\b/i)
      }
    })
  }

  await t.test('answers', async t => {
    for (const [origin, allowed] of [
      [LOCAL, LOCAL],
      [APP, APP],
      [EVIL, undefined],
    ] as const) {
      const created = await rawRequest(service.url, '/uploads', {
        method: 'POST',
        headers: { ...TUS, 'upload-length': 1, origin },
      })
      const list = await rawRequest(service.url, '/videos', { headers: { origin } })
      const refused = await rawRequest(service.url, '/videos/x', { headers: { origin } })
      t.same([created.status, list.status, refused.status], [201, 200, 400])
      for (const { headers } of [created, list, refused]) {
        t.equal(headers['access-control-allow-origin'], allowed)
        t.match(headers['vary'], /\bOrigin\b/i)
      }
      const exposed = String(created.headers['access-control-expose-headers']).toLowerCase()
      for (const header of [
        'location',
        'upload-offset',
        'upload-length',
        'upload-defer-length',
        'upload-metadata',
        'upload-concat',
        'upload-expires',
        'tus-resumable',
        'tus-version',
        'tus-extension',
        'tus-max-size',
        'tus-checksum-algorithm',
      ])
        t.ok(exposed.split(/, */).includes(header), `${header} can be read`)
      const others = String(list.headers['access-control-expose-headers']).toLowerCase()
      for (const header of allowed ? ['etag', 'content-range', 'content-disposition', 'retry-after'] : [])
        t.ok(others.split(/, */).includes(header), `${header} can be read`)
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

  await service.stop()
  await t.test('ALLOWED_ORIGINS=*', async t => {
    const open = await start({ ALLOWED_ORIGINS: '*' })
    for (const path of ['/videos', '/status']) {
      const { headers } = await rawRequest(open.url, path, { headers: { origin: EVIL } })
      t.ok([EVIL, '*'].includes(String(headers['access-control-allow-origin'])))
    }
  })
})
