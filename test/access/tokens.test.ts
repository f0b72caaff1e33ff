import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose'
import t from 'tap'
import { tokenCheck } from '../../src/access/tokens.ts'

const SECRET = 's'.repeat(32)
const CLAIMS = { issuer: 'https://id.example', audience: 'longtake' }
const now = () => Math.floor(Date.now() / 1000)

function token(
  claims: Record<string, unknown> = {},
  header: { alg: string; kid?: string } = { alg: 'HS256' },
) {
  const all = { iss: CLAIMS.issuer, aud: CLAIMS.audience, sub: 'alice', exp: now() + 300, ...claims }
  return new SignJWT(all).setProtectedHeader(header)
}
const secret = new TextEncoder().encode(SECRET)

t.test('by a shared secret', async t => {
  const check = tokenCheck({ algorithm: 'HS256', key: { secret: SECRET }, ...CLAIMS })
  const good: [claims: Record<string, unknown>, access: object][] = [
    [{}, { owner: 'alice', all: false, scopes: ['read', 'write'] }],
    [{ scope: 'openid read' }, { scopes: ['read'] }],
    [{ scope: '' }, { scopes: [] }],
    [{ scp: ['write', 'mail'] }, { scopes: ['write'] }],
    [{ scope: 'admin' }, { scopes: ['admin'], all: true }],
    [{ scope: 7 }, { scopes: [] }],
    [{ aud: ['other', 'longtake'] }, { owner: 'alice' }],
    [{ exp: now() - 5 }, { owner: 'alice' }],
  ]
  for (const [claims, access] of good)
    t.match(await check(await token(claims).sign(secret)), access, JSON.stringify(claims))
  const bad: Record<string, unknown>[] = [
    { exp: now() - 60 },
    { exp: undefined },
    { nbf: now() + 300 },
    { iss: 'https://evil.example' },
    { iss: undefined },
    { aud: 'other' },
    { aud: undefined },
    { sub: undefined },
    { sub: '' },
    { sub: 'a\0b' },
    { sub: 'x'.repeat(256) },
    { sub: { name: 'alice' } },
  ]
  for (const claims of bad)
    t.equal(await check(await token(claims).sign(secret)), undefined, JSON.stringify(claims))
  const right = await token().sign(secret)
  const [head, body, signature] = right.split('.') as [string, string, string]
  const none = new UnsecuredJWT({ sub: 'alice', exp: now() + 300 })
    .setIssuer(CLAIMS.issuer)
    .setAudience(CLAIMS.audience)
  const malformed = [
    none.encode(),
    `${head}.${body}.`,
    `${head}.${body}`,
    `${head}.${body}.${signature}x`,
    `${head}..${signature}`,
    `.${body}.${signature}`,
    `${right}.x`,
    'x',
    '..',
    'e30.e30.e30',
    `${Buffer.from('[]').toString('base64url')}.${body}.${signature}`,
    await token({}, { alg: 'HS512' }).sign(new TextEncoder().encode(SECRET + SECRET)),
    await token().sign(new TextEncoder().encode('o'.repeat(32))),
    'a'.repeat(10_000),
  ]
  for (const one of malformed) t.equal(await check(one), undefined, one.slice(0, 60))
})

t.test('by the keys of an issuer', async t => {
  let keys: JWK[] | undefined = []
  let asked = 0
  const issuer = createServer((_request, response) => {
    asked++
    if (keys) response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
    else response.writeHead(500).end()
  })
  t.teardown(() => issuer.close())
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve))
  const jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`

  for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
    const check = tokenCheck({ algorithm, key: { jwksUrl }, ...CLAIMS })
    const pair = await generateKeyPair(algorithm, { extractable: true })
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one' }
    const signed = await token({}, { alg: algorithm, kid: 'one' }).sign(pair.privateKey)

    keys = undefined
    for (const _ of [1, 2])
      await t.rejects(check(signed), { status: 503, code: 'keys_unavailable' }, 'nobody knows')
    keys = [jwk]
    t.match(await check(signed), { owner: 'alice' }, `${algorithm}: and that is not remembered`)

    const other = await generateKeyPair(algorithm, { extractable: true })
    const before = asked
    const bad = [
      await token({}, { alg: algorithm, kid: 'one' }).sign(other.privateKey),
      await token({}, { alg: algorithm, kid: 'two' }).sign(pair.privateKey),
      await token({}, { alg: algorithm, kid: '../../etc/passwd' }).sign(pair.privateKey),
      // The public key taken for a shared secret.
      await token({}, { alg: 'HS256', kid: 'one' }).sign(new TextEncoder().encode(JSON.stringify(jwk))),
    ]
    for (const one of bad) t.equal(await check(one), undefined)
    t.equal(asked, before, 'who makes up keys does not make the service ask for them')
    t.match(await check(await token({}, { alg: algorithm }).sign(pair.privateKey)), { owner: 'alice' })
  }

  const gone = tokenCheck({
    algorithm: 'ES256',
    key: { jwksUrl: 'http://127.0.0.1:1/keys' },
    ...CLAIMS,
  })
  const pair = await generateKeyPair('ES256')
  await t.rejects(gone(await token({}, { alg: 'ES256', kid: 'x' }).sign(pair.privateKey)), {
    status: 503,
    code: 'keys_unavailable',
  })
  t.equal(await gone('x'), undefined, 'what is none needs no key')
})
