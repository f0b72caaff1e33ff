import { SignJWT } from 'jose'
import t from 'tap'
import { accessBySession, createSession } from '../../src/access/sessions.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'

// A browser's session: a cookie in place of a key. And the keys that admins make while the service runs.

const SECRET = 'a secret of this test that is long enough'
const CREATION = { method: 'POST', headers: { 'tus-resumable': '1.0.0', 'upload-length': '5' } }

/** The cookie of a response, as a browser sends it back. */
const cookieOf = (answer: Response) => answer.headers.get('set-cookie')!.split(';')[0]!

async function problemOf(answer: Response) {
  const { code, field } = (await answer.json()) as { code: string; field?: string }
  return [answer.status, code, ...(field ? [field] : [])]
}

t.test('with API keys', async t => {
  const { service, keys } = await startGuarded(
    {},
    {
      root: { owner: 'root', scopes: ['admin'] },
      alice: { owner: 'alice', scopes: ['read', 'write'] },
    },
  )
  t.teardown(() => service.stop())
  const { url } = service
  const send = (
    path: string,
    headers: Record<string, string>,
    { method = 'GET', body }: { method?: string; body?: unknown } = {},
  ) =>
    fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const signIn = async (headers: Record<string, string>) => {
    const answer = await send('/session', headers, { method: 'POST' })
    t.equal(answer.status, 201)
    return { cookie: cookieOf(answer), answer }
  }
  const create = (cookie: string, headers: Record<string, string>) =>
    fetch(`${url}/uploads`, { ...CREATION, headers: { ...CREATION.headers, cookie, ...headers } })

  await t.test('the cookie does what the key may do', async t => {
    const { cookie, answer } = await signIn(keys.alice)
    t.match(answer.headers.get('set-cookie'), /; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/)
    t.equal(answer.headers.get('cache-control'), 'no-store')
    t.match(await answer.json(), { owner: 'alice', scopes: ['read', 'write'], expires_at: /^\d{4}-/ })
    t.match(await (await send('/session', { cookie })).json(), { owner: 'alice' })
    t.match(await (await send('/session', keys.alice)).json(), { owner: 'alice', expires_at: null })
    t.equal((await send('/videos', { cookie: `theme=dark; ${cookie}; a=b` })).status, 200)
    t.same(await problemOf(await send('/keys', { cookie })), [403, 'insufficient_scope'])
    t.equal((await create(cookie, {})).status, 201)
    // A key in the request counts more than the cookie.
    t.equal((await send('/keys', { cookie, ...keys.root })).status, 200)
  })

  await t.test('foreign pages change nothing with it', async t => {
    const { cookie } = await signIn(keys.alice)
    const { host } = new URL(url)
    const own: Record<string, string>[] = [{ origin: url }, { 'sec-fetch-site': 'same-origin', origin: url }]
    for (const headers of own) t.equal((await create(cookie, headers)).status, 201, JSON.stringify(headers))
    // As behind a proxy.
    const headers = { ...CREATION.headers, cookie, origin: 'https://videos.example', host: 'videos.example' }
    t.equal((await rawRequest(url, '/uploads', { ...CREATION, headers })).status, 201)
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://evil.${host}` },
      { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost' },
      { 'sec-fetch-site': 'cross-site' },
      { referer: 'https://evil.example/page' },
    ]
    for (const headers of foreign)
      t.same(await problemOf(await create(cookie, headers)), [403, 'foreign_origin'], JSON.stringify(headers))
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const path = '/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
      const answer = await send(path, { cookie, origin: 'https://evil.example' }, { method })
      t.not(answer.status < 400, true, method)
      if (method === 'PATCH' || method === 'DELETE') t.same(await problemOf(answer), [403, 'foreign_origin'])
    }
    // A page that knows a key needs no cookie.
    t.equal((await create(cookie, { ...keys.alice, origin: 'https://evil.example' })).status, 201)
  })

  await t.test('it ends by sign-out, and cookies that nobody made are none', async t => {
    const { cookie } = await signIn(keys.alice)
    const out = await send('/session', { cookie }, { method: 'DELETE' })
    t.equal(out.status, 204)
    t.match(out.headers.get('set-cookie'), /^longtake_session=; .*1970/)
    const made = `longtake_session=${'A'.repeat(43)}`
    for (const ended of [
      cookie,
      made,
      'longtake_session=x',
      `longtake_session=${keys.alice.authorization.slice(7)}`,
    ])
      t.same(await problemOf(await send('/videos', { cookie: ended })), [401, 'unauthenticated'], ended)
    t.equal((await send('/session', { cookie: made }, { method: 'DELETE' })).status, 204)
  })

  await t.test('admins make and revoke keys while the service runs', async t => {
    const { cookie } = await signIn(keys.root)
    const answer = await send(
      '/keys',
      { cookie, origin: url },
      { method: 'POST', body: { owner: 'bob', name: 'Phone' } },
    )
    t.equal(answer.status, 201)
    const { secret, id } = (await answer.json()) as { secret: string; id: string }
    const bob = { authorization: `Bearer ${secret}` }
    t.equal((await send('/videos', bob)).status, 200)
    const listed = async () =>
      ((await (await send('/keys', { cookie })).json()) as { items: { id: string }[] }).items.find(
        k => k.id === id,
      )
    t.match(await listed(), { owner: 'bob', name: 'Phone', scopes: ['read', 'write'], revoked_at: null })
    t.notMatch(JSON.stringify(await listed()), secret)

    const session = await signIn(bob)
    const upload = await create(session.cookie, {})
    const video = upload.headers.get('location')!.split('/').at(-1)
    const stream = await fetch(`${url}/videos/${video}/events`, { headers: { cookie: session.cookie } })
    t.equal(stream.status, 200)
    t.equal((await send(`/keys/${id}`, { cookie }, { method: 'DELETE' })).status, 204)
    t.same(await problemOf(await send('/videos', bob)), [401, 'invalid_token'])
    t.same(await problemOf(await send('/videos', { cookie: session.cookie })), [401, 'unauthenticated'])
    // What is open ends too; without that, the test would wait here for ever.
    await stream.text().catch(() => {})
    t.match(await listed(), { revoked_at: /^\d{4}-/ })

    const wrong: [string, unknown, ...string[]][] = [
      ['/keys', {}, 'owner'],
      ['/keys', { owner: '' }, 'owner'],
      ['/keys', { owner: 'a\u0000b' }, 'owner'],
      ['/keys', { owner: 'x', scopes: [] }, 'scopes'],
      ['/keys', { owner: 'x', scopes: ['all'] }, 'scopes.0'],
      ['/keys', { owner: 'x', name: 'n'.repeat(201) }, 'name'],
      ['/keys', { owner: 'x', until: 'tomorrow' }, 'until'],
    ]
    for (const [path, body, field] of wrong) {
      const refused = await send(path, keys.root, { method: 'POST', body })
      t.match(await problemOf(refused), [400, String, field], JSON.stringify(body))
    }
    t.same(
      await problemOf(
        await send('/keys/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071', keys.root, { method: 'DELETE' }),
      ),
      [404, 'not_found'],
    )
    t.equal((await send('/keys/x', keys.root, { method: 'DELETE' })).status, 400)
  })
})

t.test('a token ends its session, and the cookie is for HTTPS only if the service is', async t => {
  const service = await startService({
    env: {
      AUTH: 'jwt',
      JWT_ALGORITHM: 'HS256',
      JWT_SECRET: SECRET,
      JWT_ISSUER: 'test',
      JWT_AUDIENCE: 'longtake',
      PUBLIC_URL: 'https://example.org/media',
    },
  })
  t.teardown(() => service.stop())
  const ends = Math.floor(Date.now() / 1000) + 3600
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('carol')
    .setIssuer('test')
    .setAudience('longtake')
    .setExpirationTime(ends)
    .sign(new TextEncoder().encode(SECRET))
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${service.url}/session`, { method: 'POST', headers })
  t.match(answer.headers.get('set-cookie'), /; Path=\/media; .*; Secure$/)
  const { expires_at } = (await answer.json()) as { expires_at: string }
  t.ok(Math.abs(Date.parse(expires_at) / 1000 - ends) <= 60, expires_at)
  const own = { cookie: cookieOf(answer), origin: 'https://example.org' }
  t.equal(
    (await fetch(`${service.url}/uploads`, { ...CREATION, headers: { ...CREATION.headers, ...own } })).status,
    201,
  )
})

t.test('a session that has ended is none', async t => {
  const database = await openEmbeddedDatabase()
  t.teardown(() => database.close())
  const { db } = database
  const alice = { owner: 'alice', scopes: ['read'], all: false, credential: 'subject alice' } as const
  const endsAt = Date.now() + 60_000
  const { secret, expiresAt } = await createSession(db, { ...alice, endsAt })
  t.equal(expiresAt.getTime(), endsAt, 'a session ends with its token')
  t.match(await accessBySession(db, secret), { owner: 'alice', scopes: ['read'], all: false })
  await db
    .updateTable('sessions')
    .set({ expires_at: new Date(Date.now() - 1) })
    .execute()
  t.equal(await accessBySession(db, secret), undefined)
  await createSession(db, alice)
  t.match(
    await db.selectFrom('sessions').select('owner').execute(),
    [{ owner: 'alice' }],
    'the old row is gone',
  )
})

t.test('without sign-in there is nothing to sign in to', async t => {
  const service = await startService({ env: {} })
  t.teardown(() => service.stop())
  for (const method of ['POST', 'GET'])
    t.same(await problemOf(await fetch(`${service.url}/session`, { method })), [409, 'no_sign_in'])
  for (const path of ['/session/oidc', '/session/oidc/callback?state=a&code=b'])
    t.equal((await fetch(service.url + path)).status, 404, 'OIDC_ISSUER is not set')
})
