import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'

const TUS = { 'tus-resumable': '1.0.0' }

// On one kind of database, as none of this depends on it.
await t.test('tokens', async t => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one' }
  let isUp = false
  const issuer = createServer((_request, response) => {
    if (isUp) response.end(JSON.stringify({ keys: [jwk] }))
    else response.destroy()
  })
  t.teardown(() => issuer.close())
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve))
  const service = await startService({
    env: {
      AUTH: 'jwt',
      ALLOWED_ORIGINS: 'https://app.example',
      JWT_ALGORITHM: 'ES256',
      JWT_JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`,
      JWT_ISSUER: 'https://id.example',
      JWT_AUDIENCE: 'longtake',
    },
  })
  t.teardown(() => service.stop())
  const token = async (sub: string, scope?: string, kid = 'one') => {
    const jwt = new SignJWT({ ...(scope !== undefined && { scope }) })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setSubject(sub)
      .setIssuer('https://id.example')
      .setAudience('longtake')
      .setExpirationTime('5m')
    return { authorization: `Bearer ${await jwt.sign(privateKey)}` }
  }
  const ask = async (headers: Record<string, string>, path = '/videos', method = 'GET') => {
    const answer = await rawRequest(service.url, path, { method, headers })
    return { ...answer, code: answer.text.startsWith('{') ? JSON.parse(answer.text).code : undefined }
  }
  const alice = await token('alice')

  await t.test('while the keys cannot be had nobody is told that they are not who they are', async t => {
    t.match(await ask(alice), { status: 503, code: 'keys_unavailable' })
    const path = '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
    // tus-js-client begins anew after a 5xx, and comes again after this.
    t.equal((await ask({ ...alice, ...TUS }, path, 'HEAD')).status, 423)
    t.match(await ask({ authorization: 'Bearer x' }), { status: 401 })
    isUp = true
    t.match(await ask(alice), { status: 200 })
  })

  await t.test('a token is checked and its subject owns', async t => {
    const created = await ask({ ...alice, ...TUS, 'upload-length': '1' }, '/uploads', 'POST')
    t.equal(created.status, 201)
    const path = created.headers.location!
    t.equal((await ask({ ...alice, ...TUS }, path, 'HEAD')).status, 200)
    t.equal((await ask({ ...(await token('bob')), ...TUS }, path, 'HEAD')).status, 404)
    t.equal((await ask({ ...(await token('root', 'admin')), ...TUS }, path, 'HEAD')).status, 200)
    const reader = await token('alice', 'read openid')
    const refused = await ask({ ...reader, ...TUS }, path, 'DELETE')
    t.match(refused, { status: 403, code: 'insufficient_scope' })
    t.equal((await ask(await token('alice', 'openid'))).status, 403)
    for (const authorization of [
      'Bearer',
      'Bearer  ',
      'Basic YWxpY2U6c2VjcmV0',
      `Bearer ${alice.authorization}`,
      `${alice.authorization}x`,
      (await token('alice', undefined, 'two')).authorization,
      `Bearer ${'x'.repeat(12_000)}`,
      'Bearer \u00e4\u00ff',
    ]) {
      const got = await ask({ authorization })
      t.match(got, { status: 401, code: 'invalid_token' }, authorization.slice(0, 40))
      t.match(got.headers['www-authenticate'], /error="invalid_token"/)
    }
    t.equal((await ask({ authorization: 'x'.repeat(20_000) })).status, 431)
  })

  await t.test('a page of an origin that is not listed reads nothing, one that is also refusals', async t => {
    for (const [path, method] of [
      ['/videos', 'GET'],
      ['/uploads', 'POST'],
    ] as const) {
      const local = await ask({ origin: 'http://localhost:5173' }, path, method)
      t.match([local.status, local.headers['access-control-allow-origin']], [401, undefined])
      const listed = await ask({ origin: 'https://app.example' }, path, method)
      t.match([listed.status, listed.headers['access-control-allow-origin']], [401, 'https://app.example'])
      t.match(listed.headers['access-control-expose-headers'], 'WWW-Authenticate')
      const preflight = await rawRequest(service.url, path, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example',
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization',
        },
      })
      t.ok(preflight.status < 300)
      t.match(preflight.headers['access-control-allow-headers'], /authorization/i)
    }
  })

  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed' || msg === 'tus request failed'),
    [],
  )
})
