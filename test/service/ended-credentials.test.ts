import { createHash, randomBytes } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { SignJWT } from 'jose'
import pg from 'pg'
import t from 'tap'
import { LinkSigner } from '../../src/access/signed-links.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { storedFiles } from '../support/leftovers.ts'
import { startPostgres } from '../support/postgres.ts'
import { openRequest, type RawAnswer, rawRequest } from '../support/raw-request.ts'
import { type Service, startService } from '../support/service.ts'
import { OCTETS } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

type Headers = Readonly<Record<string, string>>

// What is under way when a credential ends, and what one owner may have under way.

const TUS = { 'tus-resumable': '1.0.0' }
const HALF = randomBytes(100_000)
const LENGTH = { 'content-length': `${2 * HALF.length}` }
/** More than the buffers of a connection hold. */
const LARGE_BYTES = 24 * 1024 * 1024
const SECRET = 'a secret of this test that is long enough'

/** An answer that is followed while it arrives, or not read at all. */
class Followed {
  readonly response: IncomingMessage
  text = ''
  isOver = false

  constructor(response: IncomingMessage, { paused = false } = {}) {
    this.response = response
    response
      .on('error', () => {})
      .on('close', () => {
        this.isOver = true
      })
    if (!paused)
      response.on('data', chunk => {
        this.text += chunk
      })
  }
}

function follow(url: string, headers: Headers = {}, options: { paused?: boolean } = {}): Promise<Followed> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, response => resolve(new Followed(response, options))).on(
      'error',
      reject,
    )
  })
}

async function postVideo({ url }: Service, headers: Headers, bytes = 1): Promise<string> {
  const body = new FormData()
  body.append('video', new Blob([Buffer.alloc(bytes)]), 'a.mp4')
  const answer = await fetch(`${url}/videos`, { method: 'POST', body, headers })
  return ((await answer.json()) as { id: string }).id
}

const json = { 'content-type': 'application/json' }
const rename = (url: string, id: string, headers: Headers, title: string) =>
  rawRequest(url, `/videos/${id}`, {
    method: 'PATCH',
    headers: { ...headers, ...json },
    body: JSON.stringify({ title }),
  })

await t.test('keys and links', async t => {
  const postgres = await startPostgres()
  const DATABASE_URL = await postgres.createDatabase()
  const scopes = ['read', 'write'] as const
  const { service, keys } = await startGuarded(
    { DATABASE_URL, LINK_SECRETS: SECRET, RATE_LIMIT: 'off', ROLE: 'api' },
    { ending: { owner: 'one', scopes }, lasting: { owner: 'one', scopes }, other: { owner: 'two', scopes } },
  )
  t.teardown(() => postgres.stop())
  t.teardown(() => service.stop())
  const { url } = service
  const id = await postVideo(service, keys.lasting, LARGE_BYTES)

  /** A request that has sent a half of its body. */
  const begin = (method: string, path: string, headers: object, start: Buffer = HALF) => {
    const { outgoing, answer } = openRequest(url, path, {
      method,
      headers: { ...LENGTH, ...keys.ending, ...headers },
    })
    outgoing.on('error', () => {}).write(start)
    return answer
  }

  await t.test('a key that is revoked', async t => {
    const streams = await Promise.all([1, 2, 3].map(() => follow(`${url}/videos/${id}/events`, keys.ending)))
    const lasting = await follow(`${url}/videos/${id}/events`, keys.lasting)
    const download = await follow(`${url}/videos/${id}/source`, keys.ending, { paused: true })
    const create = { ...TUS, 'upload-length': String(2 * HALF.length) }
    const { location = '' } = (
      await rawRequest(url, '/uploads', { method: 'POST', headers: { ...keys.ending, ...create } })
    ).headers
    const recording = JSON.parse(
      (await rawRequest(url, '/recordings', { method: 'POST', headers: keys.ending })).text,
    ).id
    const file = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\n'),
      HALF,
    ])
    const form = { 'content-type': 'multipart/form-data; boundary=b' }
    const inFlight: Record<string, Promise<RawAnswer>> = {
      'tus PATCH': begin('PATCH', location, { ...TUS, 'upload-offset': '0', 'content-type': OCTETS }),
      'tus POST': begin('POST', '/uploads', { ...create, 'content-type': OCTETS }),
      'draft POST': begin('POST', '/uploads', {
        'upload-draft-interop-version': '8',
        'upload-complete': '?1',
      }),
      'PUT of a chunk': begin('PUT', `/recordings/${recording}/chunks/0`, {}),
      'POST /videos': begin('POST', '/videos', form, file),
      'POST /api/videos': begin('POST', '/api/videos', form, file),
    }
    const head = () => rawRequest(url, location, { method: 'HEAD', headers: { ...TUS, ...keys.lasting } })
    await until(async () => Number((await head()).headers['upload-offset']) === HALF.length)
    // The service has begun to store each body: one chunk, and an upload of each of the others and of the recording.
    await until(async () => {
      const files = await storedFiles(service.dataDir, 'uploads', 'recordings')
      return files.filter(file => !file.includes(id)).length === Object.keys(inFlight).length + 1
    })
    const client = new pg.Client(DATABASE_URL)
    await client.connect()
    await client.query('update api_keys set revoked_at = now() where hash = $1', [
      createHash('sha256').update(keys.ending.authorization.replace('Bearer ', '')).digest('hex'),
    ])
    await client.end()
    await rename(url, id, keys.lasting, 'Secret')
    for (const [name, answer] of Object.entries(inFlight)) {
      const { status, headers } = await answer
      t.equal(status, 401, name)
      if (name.startsWith('draft')) t.equal(headers['upload-complete'], '?0')
    }
    await until(() => streams.every(({ isOver }) => isOver))
    for (const { text } of streams) t.notMatch(text, /Secret/, 'no event after the end')
    await until(() => lasting.text.includes('Secret'))
    t.notOk(lasting.isOver, 'those of other keys go on')
    lasting.response.destroy()
    download.response.resume()
    await until(() => download.isOver)
    t.notOk(download.response.complete, 'the download is cut off')
    t.equal(Number((await head()).headers['upload-offset']), HALF.length, 'what came is kept')
  })

  await t.test('a link that expires', async t => {
    const signer = new LinkSigner([SECRET])
    const link = (kind: 'events' | 'source', seconds: number) =>
      `${url}/videos/${id}/${kind}?${signer.sign({ videoId: id, kind, expires: Math.floor(Date.now() / 1000) + seconds })}`
    const [events, download, longer] = await Promise.all([
      follow(link('events', 6)),
      follow(link('source', 6), {}, { paused: true }),
      follow(link('events', 600)),
    ])
    t.match(
      [events, download].map(({ response }) => response.statusCode),
      [200, 200],
    )
    await until(() => events.isOver)
    await new Promise(resolve => setTimeout(resolve, 100))
    await rename(url, id, keys.lasting, 'Later')
    await until(() => longer.text.includes('Later'))
    t.notMatch(events.text, /Later/)
    longer.response.destroy()
    download.response.resume()
    await until(() => download.isOver)
    t.notOk(download.response.complete)
  })

  await t.test('streams of one owner are limited, those of others are not', async t => {
    const all = await Promise.all(
      Array.from({ length: 205 }, () => follow(`${url}/videos/${id}/events`, keys.lasting)),
    )
    const refused = all.filter(({ response }) => response.statusCode === 429)
    t.equal(refused.length, 5)
    await until(() => refused.every(({ isOver }) => isOver))
    t.match(JSON.parse(refused[0]!.text), { status: 429, code: 'too_many_streams' })
    t.match(refused[0]!.response.headers, { 'retry-after': /^\d+$/ })
    const theirs = await postVideo(service, keys.other)
    const other = await follow(`${url}/videos/${theirs}/events`, keys.other)
    t.equal(other.response.statusCode, 200)
    for (const { response } of [...all, other]) response.destroy()
    await until(async () => {
      const again = await follow(`${url}/videos/${id}/events`, keys.lasting)
      again.response.destroy()
      return again.response.statusCode === 200
    })
  })

  await t.test('and so are large bodies that are read whole', async t => {
    const patch = (headers: Headers) =>
      openRequest(url, `/videos/${id}`, {
        method: 'PATCH',
        headers: { ...headers, ...json, 'content-length': '1000000' },
      })
    const stalled: ReturnType<typeof patch>[] = []
    // One that is taken in waits for its body, and takes one of the places.
    const status = async () => {
      const request = patch(keys.lasting)
      stalled.push(request)
      request.outgoing.on('error', () => {}).write('{')
      const late = new Promise<undefined>(resolve => setTimeout(resolve, 100, undefined))
      return (await Promise.race([request.answer, late]))?.status
    }
    await until(async () => (await status()) === 429)
    t.equal((await rename(url, id, keys.lasting, 'Small')).status, 200, 'a small one is not')
    for (const { outgoing } of stalled) outgoing.destroy()
    const title = 'x'.repeat(300_000)
    await until(async () => (await rename(url, id, keys.lasting, title)).status === 400)
  })
})

await t.test('a token that expires', async t => {
  const service = await startService({
    env: {
      AUTH: 'jwt',
      JWT_ALGORITHM: 'HS256',
      JWT_SECRET: SECRET,
      JWT_ISSUER: 'i',
      JWT_AUDIENCE: 'a',
      RATE_LIMIT: 'off',
    },
  })
  t.teardown(() => service.stop())
  // Clocks may be 30 s apart.
  const token = async (seconds: number) => {
    const jwt = new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('one')
      .setIssuer('i')
      .setAudience('a')
    const text = await jwt
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds - 30)
      .sign(new TextEncoder().encode(SECRET))
    return { authorization: `Bearer ${text}` }
  }
  const lasting = await token(600)
  const id = await postVideo(service, lasting)
  const [short, long] = await Promise.all(
    [await token(6), lasting].map(headers => follow(`${service.url}/videos/${id}/events`, headers)),
  )
  t.equal(short!.response.statusCode, 200)
  await until(() => short!.isOver)
  t.notOk(long!.isOver)
  long!.response.destroy()
})
