import { createSecretKey } from 'node:crypto'
import { decodeJwt, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import t from 'tap'
import { freePort } from '../support/free-port.ts'
import { CLIENT, CookieJar, passProvider, startOidcProvider } from '../support/oidc-provider.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

// Sign-in with OpenID Connect, at a real provider.

const port = await freePort()
const providerPort = await freePort()
const publicUrl = `http://127.0.0.1:${port}`
const host = new URL(publicUrl).host
const issuer = `http://127.0.0.1:${providerPort}`
const env = {
  PORT: String(port),
  PUBLIC_URL: publicUrl,
  OIDC_ISSUER: issuer,
  OIDC_CLIENT_ID: CLIENT.id,
  OIDC_CLIENT_SECRET: CLIENT.secret,
  DATA_DIR: throwAwayDirectory('data'),
}
const claims = {
  root: { longtake_scopes: ['admin', 'unknown'] },
  reader: { longtake_scopes: 'read other' },
  nobody: { longtake_scopes: [] },
  other: { longtake_scopes: { read: true } },
  'a\u0007b': {},
}
const HTML = { accept: 'text/html' }

const begin = async (jar: CookieJar, query = '') => {
  const response = await jar.open(`${publicUrl}/session/oidc${query}`)
  t.equal(response.status, 302)
  return response.headers.get('location')!
}
const backAt = async (jar: CookieJar, name: string, query = '') =>
  passProvider(jar, await begin(jar, query), { name })
const problemOf = async (response: Response) => {
  const { code, field } = (await response.json()) as { code: string; field?: string }
  return [response.status, code, ...(field ? [field] : [])]
}
const sessionOf = async (jar: CookieJar) => {
  const response = await jar.open(`${publicUrl}/session`)
  return response.ok ? ((await response.json()) as { owner: string; scopes: string[] }) : response.status
}

t.test('sign-in with OpenID Connect', async t => {
  let service = await startService({ env })
  t.teardown(() => service.stop())

  await t.test('the service serves keys and pages while the provider is down', async t => {
    t.same(await problemOf(await fetch(`${publicUrl}/session/oidc`)), [503, 'provider_unavailable'])
    const page = await fetch(`${publicUrl}/session/oidc`, { headers: HTML })
    t.equal(page.headers.get('retry-after'), '1')
    t.match(await page.text(), /<h1>Signing in is not possible right now<\/h1>/)
    t.equal((await fetch(`${publicUrl}/videos`)).status, 401, 'AUTH is api_key')
    // The log arrives by another way than the response.
    await until(() => service.logs.some(({ msg }) => msg === 'sign-in failed'))
    t.match(
      await (await fetch(publicUrl)).text(),
      `<meta name="sign-in" content="${publicUrl}/session/oidc" data-provider="127.0.0.1" />`,
    )
  })
  const provider = await startOidcProvider({ port: providerPort, publicUrl, claims })
  t.teardown(() => provider.close())

  await t.test('a person signs in, and has what the claim says', async t => {
    const jar = new CookieJar()
    const first = new URL(await begin(jar))
    t.match(Object.fromEntries(first.searchParams), {
      response_type: 'code',
      scope: 'openid',
      client_id: CLIENT.id,
      redirect_uri: `${publicUrl}/session/oidc/callback`,
      code_challenge: /^[\w-]{43}$/,
      code_challenge_method: 'S256',
      state: /^[\w-]{43}$/,
      nonce: /^[\w-]{43}$/,
    })
    const second = new URL(await begin(jar))
    for (const name of ['state', 'nonce', 'code_challenge'])
      t.not(first.searchParams.get(name), second.searchParams.get(name), name)
    // Two tabs: the one that began first ends first.
    const back = await passProvider(jar, first.href, { name: 'alice' })
    const done = await jar.open(back)
    t.equal(done.status, 302)
    t.equal(done.headers.get('location'), `${publicUrl}/`)
    t.equal(done.headers.get('cache-control'), 'no-store')
    const [removed, cookie] = done.headers.getSetCookie()
    t.match(removed, /^longtake_sign_in_.*=; Path=\/session\/oidc; .*1970/)
    t.match(cookie, /^longtake_session=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/)
    const ends = Date.parse(/Expires=([^;]*)/.exec(cookie!)![1]!)
    t.ok(Math.abs(ends - Date.now() - 86_400_000) < 60_000, 'for a day')
    t.match(await sessionOf(jar), { owner: 'alice', scopes: ['read', 'write'] })
    t.equal((await jar.open(await passProvider(jar, second.href, { name: 'alice' }))).status, 302)

    const expected: [string, string[]][] = [
      ['root', ['admin']],
      ['reader', ['read']],
    ]
    for (const [name, scopes] of expected) {
      const other = new CookieJar()
      t.equal((await other.open(await backAt(other, name))).status, 302)
      t.same(((await sessionOf(other)) as { scopes: string[] }).scopes, scopes)
    }
    for (const name of ['nobody', 'other', 'a\u0007b']) {
      const other = new CookieJar()
      t.same(await problemOf(await other.open(await backAt(other, name))), [403, 'sign_in_failed'], name)
      t.equal(await sessionOf(other), 401)
    }
  })

  await t.test('another sign-in replaces the session, and a sign-out ends it', async t => {
    const jar = new CookieJar()
    await jar.open(await backAt(jar, 'alice'))
    const before = jar.cookies(host)
    await jar.open(await backAt(jar, 'alice'))
    t.not(jar.cookies(host), before)
    t.equal((await fetch(`${publicUrl}/videos`, { headers: { cookie: before } })).status, 401)
    t.equal((await jar.open(`${publicUrl}/session`, { method: 'DELETE' })).status, 204)
    t.equal(await sessionOf(jar), 401)
  })

  await t.test('leads back to the page, and nowhere else', async t => {
    const local = {
      'watch/a?t=3#x': '/watch/a?t=3#x',
      '/bin': '/bin',
      [`${publicUrl}/access`]: '/access',
      'http:bin': '/bin',
    }
    for (const [path, expected] of Object.entries(local)) {
      const jar = new CookieJar()
      const done = await jar.open(await backAt(jar, 'alice', `?return_to=${encodeURIComponent(path)}`))
      t.equal(done.headers.get('location'), publicUrl + expected, path)
    }
    const foreign = [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '\t//evil.example',
      '/\n/evil.example',
      'javascript:alert(1)',
      'data:text/html,x',
      `http://127.0.0.1:${providerPort}/`,
      `http://${host}@evil.example/`,
      `http://${host}.evil.example/`,
      'https:/evil.example',
      'http://[',
      'a'.repeat(1001),
    ]
    for (const path of foreign) {
      const response = await fetch(`${publicUrl}/session/oidc?return_to=${encodeURIComponent(path)}`, {
        redirect: 'manual',
      })
      t.same(await problemOf(response), [400, 'invalid_request', 'return_to'], path)
    }
  })

  await t.test('only the browser that began a sign-in can end it, once and in time', async t => {
    const jar = new CookieJar()
    const back = await backAt(jar, 'alice')
    const begun = jar.cookies(host)
    t.same(await problemOf(await fetch(back)), [400, 'sign_in_expired'], 'without the cookie')
    const stranger = new CookieJar()
    await begin(stranger)
    t.same(await problemOf(await stranger.open(back)), [400, 'sign_in_expired'], 'in another browser')
    const wrong: [string, (url: URL) => void][] = [
      ['another state', url => url.searchParams.set('state', 'A'.repeat(43))],
      [
        'the same beginning',
        url => url.searchParams.set('state', `${url.searchParams.get('state')!.slice(0, -1)}_`),
      ],
      ['no state', url => url.searchParams.delete('state')],
      ['two states', url => url.searchParams.append('state', 'x')],
    ]
    for (const [name, change] of wrong) {
      const url = new URL(back)
      change(url)
      const response = await fetch(url, { headers: { cookie: begun } })
      t.same(await problemOf(response), [400, 'sign_in_expired'], name)
    }
    for (const cookie of [begun.slice(0, -2), `${begun}A`, begun.replace(/=.*/, '=a.b.c.d.e')])
      t.same(await problemOf(await fetch(back, { headers: { cookie } })), [400, 'sign_in_expired'])
    t.equal((await fetch(back, { method: 'HEAD', headers: { cookie: begun } })).status, 404)

    // The process that ends a sign-in is another one than the process that began it.
    await service.stop()
    service = await startService({ env })
    t.equal((await jar.open(back)).status, 302)
    t.match(await sessionOf(jar), { owner: 'alice' })
    t.same(await problemOf(await jar.open(back)), [400, 'sign_in_expired'], 'the cookie is gone')
    const replay = await fetch(back, { headers: { cookie: begun } })
    t.same(await problemOf(replay), [400, 'sign_in_expired'], 'the code was used')

    const codes = new CookieJar()
    const other = new URL(await backAt(codes, 'alice'))
    other.searchParams.set(
      'code',
      new URL(await backAt(new CookieJar(), 'mallory')).searchParams.get('code')!,
    )
    t.same(await problemOf(await codes.open(other.href)), [400, 'sign_in_expired'], 'the code of another')
    t.equal(await sessionOf(codes), 401)
  })

  await t.test('the person or the provider refuses', async t => {
    const jar = new CookieJar()
    const back = await passProvider(jar, await begin(jar), { name: '', cancel: true })
    t.match(back, /error=access_denied/)
    const page = await jar.open(back, { headers: HTML })
    t.equal(page.status, 403)
    t.match(await page.text(), /<h1>You are not signed in<\/h1>/)
    const errors = { login_required: 403, temporarily_unavailable: 503, server_error: 503, 'a<b>': 403 }
    for (const [error, status] of Object.entries(errors)) {
      const state = new URL(await begin(jar)).searchParams.get('state')!
      const query = new URLSearchParams({ error, error_description: '<b>Call 555', state, iss: issuer })
      const response = await jar.open(`${publicUrl}/session/oidc/callback?${query}`, { headers: HTML })
      t.equal(response.status, status, error)
      t.notMatch(await response.text(), /555|a<b>/, 'texts of others are not shown')
    }
    const state = new URL(await begin(jar)).searchParams.get('state')!
    for (const query of [
      `state=${state}`,
      `state=${state}&code=a&code=b`,
      `state=${state}&code=a&iss=https://evil.example`,
    ])
      t.ok([400, 403].includes((await jar.open(`${publicUrl}/session/oidc/callback?${query}`)).status), query)
  })

  await t.test('ID tokens that are not for this sign-in are refused', async t => {
    const now = () => Math.floor(Date.now() / 1000)
    const foreign = (await generateKeyPair('RS256')).privateKey
    const sign = (
      payload: JWTPayload,
      { key = provider.privateKey as Parameters<SignJWT['sign']>[0], alg = 'RS256' } = {},
    ) => new SignJWT(payload).setProtectedHeader({ alg, kid: 'first' }).sign(key)
    const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const none = (payload: JWTPayload) => `${encoded({ alg: 'none' })}.${encoded(payload)}.`
    type Change = (payload: JWTPayload) => Promise<string> | string | undefined
    const secret = createSecretKey(Buffer.from(CLIENT.secret))
    const changes: [string, number, Change][] = [
      ['unchanged', 302, payload => sign(payload)],
      ['clocks differ by 20 s', 302, payload => sign({ ...payload, iat: now() + 20, exp: now() - 20 })],
      ['another audience', 403, payload => sign({ ...payload, aud: 'another' })],
      [
        'another authorized party',
        403,
        payload => sign({ ...payload, aud: [CLIENT.id, 'another'], azp: 'another' }),
      ],
      ['another nonce', 403, payload => sign({ ...payload, nonce: 'another' })],
      ['no nonce', 403, ({ nonce, ...payload }) => sign(payload)],
      ['another issuer', 403, payload => sign({ ...payload, iss: 'https://evil.example' })],
      ['expired', 403, payload => sign({ ...payload, exp: now() - 60 })],
      ['no subject', 403, ({ sub, ...payload }) => sign(payload)],
      ['the key of another', 403, payload => sign(payload, { key: foreign })],
      ['another algorithm', 403, payload => sign(payload, { key: secret, alg: 'HS256' })],
      ['unsigned', 403, none],
      ['no ID token', 403, () => undefined],
    ]
    for (const [name, status, change] of changes) {
      const jar = new CookieJar()
      const back = await backAt(jar, 'alice')
      provider.change = async ({ id_token, ...body }) => {
        const changed = await change(decodeJwt(String(id_token)))
        return { body: { ...body, ...(changed !== undefined && { id_token: changed }) } }
      }
      const response = await jar.open(back)
      t.equal(response.status, status, name)
      if (status === 403) t.same(await problemOf(response), [403, 'sign_in_failed'], name)
      t.equal(await sessionOf(jar).then(s => typeof s), status === 302 ? 'object' : 'number', name)
    }
    const failures: [string, object, string][] = [
      ['the provider fails', { status: 500, body: 'oops' }, '503 provider_unavailable'],
      ['it sends no JSON', { status: 200, body: 'oops' }, '403 sign_in_failed'],
      ['wrong secret', { status: 401, body: { error: 'invalid_client' } }, '403 sign_in_failed'],
    ]
    for (const [name, failure, expected] of failures) {
      const jar = new CookieJar()
      const back = await backAt(jar, 'alice')
      provider.change = async () => failure
      t.equal((await problemOf(await jar.open(back))).join(' '), expected, name)
    }
    delete provider.change
    const reasons = () => service.logs.filter(({ msg }) => msg === 'sign-in failed')
    await until(() => reasons().length >= 10)
    t.notMatch(service.output.join('\n'), CLIENT.secret)
    t.notMatch(service.output.join('\n'), /[?&]code=[\w-]{8}/)
  })
})
