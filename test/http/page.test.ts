import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import Fastify from 'fastify'
import t from 'tap'
import { pageRoutes } from '../../src/http/routes/page.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'

/** Names of the script and the style in the document. */
const assetsOf = (html: string) => [...html.matchAll(/"\.\/(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`)

t.test('the page', async t => {
  const service = await startService()
  t.teardown(() => service.stop())
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    rawRequest(service.url, path, { headers, method })
  const home = await get('/')
  t.equal(home.status, 200)
  t.match(home.headers, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  })

  await t.test('one document for every view', async t => {
    for (const path of ['/upload', '/record', '/watch/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071', '/?q=apple']) {
      const { status, text } = await get(path)
      t.equal(status, 200, path)
      t.equal(text, home.text, path)
    }
  })

  await t.test('the API is where it was', async t => {
    for (const path of [
      '/videos',
      '/status',
      '/openapi.json',
      '/health/live',
      '/nothing',
      '/assets/nothing.js',
    ])
      t.match((await get(path)).headers['content-type'], /json/, path)
    t.match((await get('/docs')).text, /<title>Longtake API<\/title>/)
    for (const path of [
      '/assets/../index.html',
      '/assets/..%2Findex.html',
      '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    ])
      t.equal((await get(path)).status, 404, path)
  })

  await t.test('lets nothing in from elsewhere', async t => {
    const policy = String(home.headers['content-security-policy'])
    t.match(policy, "default-src 'none'")
    t.match(policy, "frame-ancestors 'none'")
    t.notMatch(policy, /unsafe|https?:|\*/)
    t.notMatch(
      home.text,
      /<script(?![^>]*src=)|<style|style="|https?:\/\//,
      'and has nothing in itself that would need it',
    )
  })

  await t.test('its parts never change, and come compressed', async t => {
    const assets = assetsOf(home.text)
    t.ok(assets.some(path => path.endsWith('.js')) && assets.some(path => path.endsWith('.css')))
    let first = home.body.length
    for (const path of assets) {
      const plain = await get(path)
      t.equal(plain.headers['content-encoding'], undefined)
      const br = await get(path, { 'Accept-Encoding': 'gzip, br' })
      const gzip = await get(path, { 'Accept-Encoding': 'gzip, br;q=0' })
      t.same([br.headers['content-encoding'], gzip.headers['content-encoding']], ['br', 'gzip'], path)
      t.ok(brotliDecompressSync(br.body).equals(plain.body) && gunzipSync(gzip.body).equals(plain.body), path)
      t.equal(br.headers['cache-control'], 'public, max-age=31536000, immutable')
      t.match(br.headers['vary'], 'Accept-Encoding')
      t.not(br.headers['etag'], gzip.headers['etag'])
      first += br.body.length
      const etag = String(br.headers['etag'])
      const again = await get(path, { 'Accept-Encoding': 'br', 'If-None-Match': etag })
      t.equal(again.status, 304)
      t.equal(again.body.length, 0)
      const head = await get(path, { 'Accept-Encoding': 'br' }, 'HEAD')
      t.equal(head.headers['content-length'], String(br.body.length))
    }
    // 200 kB is the promise; this is to notice what makes it grow.
    t.ok(first < 60_000, `the first view takes ${first} bytes`)
  })
})

t.test('below a path', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(pageRoutes, { base: 'https://video.example.com/intake' })
  const { headers, body } = await app.inject({ url: '/watch/1', headers: { 'accept-encoding': 'br' } })
  t.equal(headers['content-encoding'], undefined)
  t.match(body, '<base href="/intake/"')
  for (const url of assetsOf(body)) t.equal((await app.inject(url)).statusCode, 200, url)
})
