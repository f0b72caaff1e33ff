import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { runCampaign } from '../support/chaos/campaign.ts'
import { DraftWire } from '../support/draft-wire.ts'
import { freeze } from '../support/freeze.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { storedFiles } from '../support/leftovers.ts'
import { startPostgres } from '../support/postgres.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { Recorder } from '../support/recorder.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { sha256 } from '../support/video-api.ts'

type Settings = Readonly<Record<string, string | undefined>>

const BYTES = randomBytes(300_000)
const PART = 100_000
const idOf = (path: string) => path.split('/').at(-1)!

/** The message of a process that is refused. */
async function refusal(env: Settings): Promise<string> {
  try {
    const service = await startService({ env })
    await service.kill()
    return 'it started'
  } catch (error) {
    return (error as Error).message
  }
}

const inUse = /^.*is in use by another Longtake process\. .*DATABASE_URL.*$/m

/** The message of a second process while the first runs. The second one starts when the first ends. */
async function secondEmbedded(): Promise<string> {
  const env = { DATA_DIR: throwAwayDirectory('one-embedded') }
  const first = await startService({ env })
  const message = await refusal(env)
  const second = startService({ env })
  await first.stop()
  await (await second).stop()
  return message
}

/**
 * A client that repeats a request once if it is told that the upload is locked, as all clients do. A process that did not answer for 60 ms
 * was replaced, and may get its next request before the message that says so: it refuses this one.
 */
class RetryingWire extends TusWire {
  override async patch(...request: Parameters<TusWire['patch']>): ReturnType<TusWire['patch']> {
    const response = await super.patch(...request)
    return response.status === 423 ? super.patch(...request) : response
  }
}

const embedded = secondEmbedded()

await t.test('several api processes on one PostgreSQL', async t => {
  const postgres = await startPostgres()
  const DATABASE_URL = await postgres.createDatabase()
  const env = {
    DATABASE_URL,
    DATA_DIR: throwAwayDirectory('several-apis'),
    ROLE: 'api',
    SWEEP_INTERVAL: '3600',
  }
  const [one, two] = await Promise.all([startService({ env }), startService({ env })])
  t.teardown(async () => {
    await Promise.all([one.stop(), two.stop()])
    await postgres.stop()
  })
  const [tus, other] = [new RetryingWire(one.url), new RetryingWire(two.url)]
  const hashOf = async (path: string) => {
    const source = await fetch(`${one.url}/videos/${idOf(path)}/source`)
    return sha256(await source.bytes())
  }
  /** An upload of which the first process has `PART` bytes of a body that goes on. */
  const begin = async (headers = {}) => {
    const path = await tus.create(BYTES.length)
    const writer = tus.openPatch(path, 0, { 'content-length': BYTES.length, ...headers })
    writer.outgoing.on('error', () => {}).write(BYTES.subarray(0, PART))
    await until(async () => (await other.offset(path)) === PART)
    return { path, ...writer }
  }

  const elsewhere = { ...env, DATA_DIR: throwAwayDirectory('elsewhere') }
  const cases: [string, Settings, RegExp][] = [
    ['one on another database', { ...env, DATABASE_URL: await postgres.createDatabase() }, inUse],
    ['one with an embedded database', { DATA_DIR: env.DATA_DIR }, inUse],
    ['one on another directory', elsewhere, /must share one DATA_DIR/],
    ['a worker on another directory', { ...elsewhere, ROLE: 'worker' }, /must share one DATA_DIR/],
  ]
  // Each waits ten seconds before it gives up.
  const refused = Promise.all(cases.map(([, settings]) => refusal(settings)))

  await t.test('a request to one goes on with a body that stalls in the other', async t => {
    const { path, answer } = await begin()
    const began = performance.now()
    const { status } = await other.patch(path, PART, BYTES.subarray(PART, 2 * PART))
    t.comment(`taken over in ${Math.round(performance.now() - began)} ms`)
    t.equal(status, 204)
    t.equal((await answer).status, 423, 'the client that stalls is told')
    t.equal((await tus.patch(path, 2 * PART, BYTES.subarray(2 * PART))).status, 204)
    t.equal(await hashOf(path), sha256(BYTES))
  })

  await t.test('each request to the next one', async t => {
    const path = await tus.create(BYTES.length)
    for (let at = 0; at < BYTES.length; at += 10_000) {
      const wire = at % 20_000 === 0 ? tus : other
      const { status } = await wire.patch(path, at, BYTES.subarray(at, at + 10_000))
      if (status !== 204) t.fail(`${status} at ${at}`)
    }
    t.equal(await hashOf(path), sha256(BYTES))
    const { id } = (await (await fetch(`${two.url}/videos/${idOf(path)}`)).json()) as { id: string }
    t.same(
      (await storedFiles(env.DATA_DIR)).filter(file => file.includes(id)),
      [`uploads/${id}`],
      'in one file',
    )
  })

  await t.test('an offset that one has told is accepted by both, whatever the other writes', async t => {
    const { path, outgoing, answer } = await begin()
    t.equal(await other.offset(path), PART)
    outgoing.write(BYTES.subarray(PART, 2 * PART))
    await until(async () => (await tus.offset(path)) === 2 * PART)
    outgoing.end(BYTES.subarray(2 * PART, -1))
    outgoing.destroy()
    await answer.catch(() => {})
    t.equal((await other.patch(path, PART, BYTES.subarray(PART))).status, 204)
    t.equal(await hashOf(path), sha256(BYTES))
    t.equal((await tus.patch(path, PART, 'x')).status, 409, 'until it is used')
  })

  await t.test(
    'an offset that was told is a promise until a later request succeeds, and no longer',
    async t => {
      const path = await tus.create(BYTES.length)
      t.equal((await tus.patch(path, 0, BYTES.subarray(0, PART))).status, 204)
      t.equal(await other.offset(path), PART)
      t.equal((await tus.patch(path, PART, BYTES.subarray(PART, 2 * PART))).status, 204)
      // The same bytes may be accepted as long as the first process has not heard of the promise.
      t.equal((await other.patch(path, PART, Buffer.alloc(PART, 'x'))).status, 409)
      t.equal((await tus.patch(path, PART, 'x')).status, 409)
      // A promise of before, made again while a writer of the other process is at work.
      t.equal(await other.offset(path), 2 * PART)
      const { outgoing, answer } = tus.openPatch(path, 2 * PART, { 'content-length': PART / 2 })
      outgoing.write('')
      await until(async () => (await locked(DATABASE_URL, path)) !== null)
      await pause(100)
      t.equal(await other.offset(path), 2 * PART)
      outgoing.end(BYTES.subarray(2 * PART, 2.5 * PART))
      t.equal((await answer).status, 204)
      t.equal((await other.patch(path, 2 * PART, BYTES.subarray(2 * PART))).status, 204)
      t.equal(await hashOf(path), sha256(BYTES))
    },
  )

  await t.test('a process that was frozen while it wrote changes nothing when it wakes', async t => {
    const { path, outgoing, answer } = await begin()
    await freeze(one.pid)
    try {
      outgoing.end(Buffer.alloc(2 * PART, 'x'))
      const began = performance.now()
      t.equal((await other.patch(path, PART, BYTES.subarray(PART, 2 * PART))).status, 204)
      t.comment(`taken over from a frozen process in ${Math.round(performance.now() - began)} ms`)
    } finally {
      process.kill(one.pid, 'SIGCONT')
    }
    t.equal((await answer).status, 423)
    t.equal((await other.patch(path, 2 * PART, BYTES.subarray(2 * PART))).status, 204)
    t.equal(await hashOf(path), sha256(BYTES))
  })

  await t.test('what a process knew before it was frozen decides nothing', async t => {
    const path = await tus.create(BYTES.length)
    t.equal((await tus.patch(path, 0, BYTES.subarray(0, PART))).status, 204)
    await freeze(one.pid)
    t.equal((await other.patch(path, PART, BYTES.subarray(PART, 2 * PART))).status, 204)
    const late = tus.patch(path, PART, Buffer.alloc(PART, 'x'))
    process.kill(one.pid, 'SIGCONT')
    t.ok([409, 423].includes((await late).status))
    await until(async () => (await tus.patch(path, 2 * PART, BYTES.subarray(2 * PART))).status === 204)
    t.equal(await hashOf(path), sha256(BYTES))
  })

  await t.test('a form whose client leaves while the process is frozen can be repeated', async () => {
    const body = Buffer.from(
      '--b\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\nbytes\r\n--b--\r\n',
    )
    const headers = { 'content-type': 'multipart/form-data; boundary=b', 'idempotency-key': 'frozen' }
    process.kill(one.pid, 'SIGSTOP')
    const { outgoing } = openRequest(one.url, '/videos', {
      method: 'POST',
      headers: { ...headers, 'content-length': body.length },
    })
    outgoing.on('error', () => {})
    await new Promise(resolve => outgoing.write(body.subarray(0, 90), resolve))
    outgoing.destroy()
    process.kill(one.pid, 'SIGCONT')
    const repeat = async () =>
      (await rawRequest(two.url, '/videos', { method: 'POST', headers, body })).status
    await until(async () => (await repeat()) === 201)
  })

  await t.test('a deletion by one ends the writer of the other', async t => {
    const { path, answer } = await begin()
    t.equal((await other.send('DELETE', path)).status, 204)
    t.equal((await answer).status, 410)
    t.equal((await tus.head(path)).status, 404)
  })

  await t.test('the same creation in both at once is one upload', async t => {
    const headers = { 'upload-length': 5, 'idempotency-key': 'both' }
    const answers = await Promise.all(
      [tus, other, tus, other].map(wire => wire.send('POST', '/uploads', headers)),
    )
    t.same(
      answers.map(({ status }) => status),
      [201, 201, 201, 201],
    )
    t.equal(new Set(answers.map(({ headers }) => headers.location)).size, 1)
  })

  await t.test('a recording whose chunks come to both', async t => {
    const recorders = [new Recorder(() => one.url), new Recorder(() => two.url)]
    const id = await recorders[0]!.create()
    const chunks = Array.from({ length: 12 }, (_, n) => BYTES.subarray(n * 25_000, (n + 1) * 25_000))
    const answers = await Promise.all(chunks.map((chunk, n) => recorders[n % 2]!.put(id, n, chunk)))
    t.ok(answers.every(({ status }) => status < 300))
    t.equal((await recorders[1]!.finalize(id, { chunks: 12 })).status, 200)
    t.equal(await hashOf(id), sha256(BYTES))
  })

  await t.test('a body of the IETF protocol is taken over', async t => {
    const [here, there] = [new DraftWire(one.url), new DraftWire(two.url)]
    const path = await here.create()
    const { outgoing, answer } = here.open('PATCH', path, {
      ...here.appendHeaders(0, true),
      'content-length': BYTES.length,
    })
    outgoing.on('error', () => {}).write(BYTES.subarray(0, PART))
    await until(async () => (await other.head(path)).headers['upload-offset'] === String(PART))
    t.equal(await there.offset(path), PART, 'a silent writer is ended')
    t.equal((await there.append(path, PART, true, BYTES.subarray(PART))).status, 200)
    await answer.catch(() => {})
    outgoing.destroy()
    t.equal(await hashOf(path), sha256(BYTES))
  })

  await t.test('a change in one is an event in the other', async t => {
    const path = await tus.create(0)
    const stop = new AbortController()
    const events = await fetch(`${two.url}/videos/${idOf(path)}/events`, { signal: stop.signal })
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const read = async (wanted: string) => {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read()
        if (done) break
        text += value
      }
      t.match(text, wanted)
    }
    await read('event:')
    const headers = { 'content-type': 'application/json' }
    await fetch(`${one.url}/videos/${idOf(path)}`, { method: 'PATCH', headers, body: '{"title":"Renamed"}' })
    await read('Renamed')
    stop.abort()
  })

  await t.test('one is killed: the other goes on at once', async t => {
    const third = await startService({ env })
    const wire = new TusWire(third.url)
    const path = await wire.create(BYTES.length)
    t.equal((await wire.patch(path, 0, BYTES.subarray(0, PART))).status, 204)
    await third.kill()
    const began = performance.now()
    t.equal((await tus.patch(path, PART, BYTES.subarray(PART))).status, 204)
    t.comment(`after a killed process in ${Math.round(performance.now() - began)} ms`)
    t.same(
      (await storedFiles(env.DATA_DIR)).filter(file => file.includes(idOf(path))),
      [path.slice(1)],
      'in the same file',
    )
    t.equal(await hashOf(path), sha256(BYTES))
  })

  await t.test('others that could not work with them are refused', async t => {
    for (const [index, [name, , expected]] of cases.entries()) {
      const message = (await refused)[index]
      t.match(message, expected, name)
      t.notMatch(message, /^ +at /m, 'a sentence, no stack trace')
    }
  })

  await t.test('an api process of a version that locks in memory does not run beside them', async t => {
    const client = new pg.Client(DATABASE_URL)
    await client.connect()
    const { rows } = await client.query(
      "select pg_try_advisory_lock(hashtextextended('longtake api', 0)) as held",
    )
    t.same(rows, [{ held: false }], 'nor they beside it')
    await client.end()
    t.equal((await rawRequest(one.url, '/health/ready')).status, 200)
  })
})

await t.test('limits of an owner count for all processes together', async t => {
  const postgres = await startPostgres()
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    ROLE: 'api',
    STORAGE_QUOTA: '100000',
    MAX_UNFINISHED_UPLOADS: '6',
    AUTH: 'api_key',
  }
  const { service: one, keys } = await startGuarded(env, {
    full: { owner: 'full', scopes: ['read', 'write'] },
    many: { owner: 'many', scopes: ['read', 'write'] },
  })
  const two = await startService({ env: { ...env, DATA_DIR: one.dataDir } })
  t.teardown(async () => {
    await Promise.all([one.stop(), two.stop()])
    await postgres.stop()
  })
  const create = async (n: number, headers: Record<string, string | number>) => {
    const { status } = await new TusWire([one, two][n % 2]!.url).send('POST', '/uploads', headers)
    return status
  }
  const each = (count: number, work: (n: number) => Promise<number>) =>
    Promise.all(Array.from({ length: count }, (_, n) => work(n)))

  const full = await each(6, n => create(n, { ...keys.full, 'upload-length': 60_000 }))
  t.same(full.toSorted(), [201, 413, 413, 413, 413, 413], 'of uploads that fit alone, one succeeds')
  const many = await each(12, n => create(n, { ...keys.many, 'upload-length': 1 }))
  t.same(many.toSorted(), [...Array(6).fill(201), ...Array(6).fill(429)])

  const answer = await rawRequest(one.url, '/uploads/links', {
    method: 'POST',
    headers: { ...keys.full, 'content-type': 'application/json' },
    body: '{"max_size":1000}',
  })
  const { url } = JSON.parse(answer.text) as { url: string }
  const { pathname, search } = new URL(url, one.url)
  const linked = await Promise.all(
    Array.from({ length: 4 }, (_, n) =>
      rawRequest([one, two][n % 2]!.url, `${pathname}${search}`, {
        method: 'POST',
        headers: { 'tus-resumable': '1.0.0', 'upload-length': 10 },
      }),
    ),
  )
  const made = linked.filter(({ status }) => status === 201).map(({ headers }) => headers.location)
  t.equal(new Set(made).size, 1, 'a link is good for one upload')
})

/** The process that holds an upload. */
async function locked(url: string, path: string): Promise<string | null> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query('select lock_holder from uploads where id = $1', [idOf(path)])
  await client.end()
  return rows[0]?.lock_holder ?? null
}

await t.test('with the embedded database there is one process', async t => t.match(await embedded, inUse))

await t.test('a short campaign', async t => {
  const seed = process.env['SEED'] ?? 'suite'
  const { faults, ...counts } = await runCampaign({
    seed,
    apis: 2,
    workers: 1,
    storage: 's3',
    uploads: 12,
    recordings: 2,
    parallel: 14,
    seconds: 6,
    maxFreezeMs: 1500,
    log: line => t.comment(line),
  })
  t.comment(JSON.stringify({ seed, ...counts }))
  t.same(faults, [])
})
