import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { startGuarded } from '../support/guarded-service.ts'
import { startPostgres } from '../support/postgres.ts'
import { startService } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { getJson, sha256 } from '../support/video-api.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

const RATE_LIMIT = 300
const MAX_STREAMS = 200
/** Requests at the same time. */
const LANE_COUNT = 20
const BYTES = randomBytes(200_000)
const HALF = BYTES.length / 2
/** Each process counts alone while the database takes seconds for a statement, as it may on a busy machine. Only one round must be exact. */
const ROUNDS = [0, 1, 2] as const
const scopes = ['read', 'write'] as const
const JSON_BODY = { 'content-type': 'application/json' }

const postgres = await startPostgres()
const env = {
  DATABASE_URL: await postgres.createDatabase(),
  AUTH: 'api_key',
  RATE_LIMIT: String(RATE_LIMIT),
  ROLE: 'api',
  WEBHOOK_ALLOW_PRIVATE: 'on',
}
const { service: one, keys } = await startGuarded(env, {
  rate0: { owner: 'rate0', scopes },
  rate1: { owner: 'rate1', scopes },
  rate2: { owner: 'rate2', scopes },
  streams0: { owner: 'streams0', scopes },
  streams1: { owner: 'streams1', scopes },
  streams2: { owner: 'streams2', scopes },
  uploads: { owner: 'uploads', scopes },
  admin: { owner: 'root', scopes: ['admin'] },
})
const two = await startService({ env: { ...env, DATA_DIR: one.dataDir } })
const receiver = await startWebhookReceiver()
t.teardown(async () => {
  await Promise.all([one.stop(), two.stop(), receiver.close()])
  await postgres.stop()
})
const urlOf = (n: number) => [one, two][n % 2]!.url

/** Finishes an upload of which each process gets a half. */
async function upload(headers: { authorization: string }): Promise<string> {
  const [here, there] = [new TusWire(one.url), new TusWire(two.url)]
  const { headers: answer } = await here.send('POST', '/uploads', {
    ...headers,
    'upload-length': BYTES.length,
  })
  const path = new URL(String(answer['location']), one.url).pathname
  for (const [wire, at] of [
    [here, 0],
    [there, HALF],
  ] as const)
    t.equal((await wire.patch(path, at, BYTES.subarray(at, at + HALF), headers)).status, 204)
  return path.split('/').at(-1)!
}

/** Sends `count` requests to both processes, some at the same time. */
async function sendMany(count: number, send: (n: number) => Promise<Response>): Promise<Response[]> {
  const answers: Response[] = []
  let next = 0
  const lane = async () => {
    while (next < count) answers.push(await send(next++))
  }
  await Promise.all(Array.from({ length: LANE_COUNT }, lane))
  return answers
}

/** Repeats a round until the processes accept at most 2 % more than the limit each. @param round returns how many it accepts. */
async function exceedsLittle(
  t: Test,
  limit: number,
  round: (n: 0 | 1 | 2) => Promise<number>,
): Promise<void> {
  const counts: number[] = []
  for (const n of ROUNDS) {
    const accepted = await round(n)
    counts.push(accepted)
    t.ok(accepted >= limit, `${accepted} of ${limit}`)
    if (accepted <= limit * 1.04) return
  }
  t.fail(`${counts} of ${limit}`)
}

await t.test('requests per minute', t =>
  exceedsLittle(t, RATE_LIMIT, async n => {
    const headers = keys[`rate${n}`]
    const answers = await sendMany(2 * RATE_LIMIT, async n => {
      const answer = await fetch(`${urlOf(n)}/videos`, { headers })
      // Until its body is read, its connection is not free.
      await answer.bytes()
      return answer
    })
    const refused = answers.filter(({ status }) => status === 429)
    const accepted = answers.filter(({ ok }) => ok).length
    t.equal(refused.length, answers.length - accepted)
    t.ok(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0))
    return accepted
  }),
)

await t.test('event streams at the same time', t =>
  exceedsLittle(t, MAX_STREAMS, async n => {
    const headers = keys[`streams${n}`]
    const id = await upload(headers)
    const stop = new AbortController()
    const answers = await sendMany(MAX_STREAMS + 40, n =>
      fetch(`${urlOf(n)}/videos/${id}/events`, { headers, signal: stop.signal }),
    )
    stop.abort()
    return answers.filter(({ ok }) => ok).length
  }),
)

await t.test('an event reaches a webhook once', async t => {
  const body = JSON.stringify({
    url: `http://127.0.0.1:${receiver.port}/hook`,
    events: ['video.uploaded'],
  })
  await getJson(`${one.url}/webhooks`, { method: 'POST', headers: { ...keys.admin, ...JSON_BODY }, body })
  receiver.answer('/hook', { status: 500 })
  const ids = [await upload(keys.uploads), await upload(keys.uploads)]
  await until(() => receiver.received.length > ids.length)
  const got = receiver.received.map(({ body }) => JSON.parse(body).data.video_id as string)
  for (const id of ids) t.ok(got.includes(id))
  t.equal(got.length, ids.length + 1, 'and the one that failed, once more')
})

await t.test('chunks of the old recorder without numbers', async t => {
  const post = async (n: number, path: string, body: object) => {
    const answer = await fetch(`${urlOf(n)}/api/${path}/`, {
      method: 'POST',
      headers: { ...keys.uploads, ...JSON_BODY },
      body: JSON.stringify(body),
    })
    t.ok(answer.ok, `${path}: ${answer.status}`)
    return (await answer.json()) as { session_id: string }
  }
  const { session_id } = await post(0, 'start-recording', {})
  for (let n = 0; n < 8; n++) {
    const chunk = BYTES.subarray((n * BYTES.length) / 8, ((n + 1) * BYTES.length) / 8)
    await post(n, 'receive-video-chunk', { session_id, video_chunk: chunk.toString('base64') })
  }
  await post(1, 'finalize-recording', { session_id, is_final: true })
  const source = await fetch(`${two.url}/videos/${session_id}/source`, { headers: keys.uploads })
  t.equal(sha256(await source.bytes()), sha256(BYTES))
})

await t.test('PostgreSQL is killed and comes back beneath both', async t => {
  const id = await upload(keys.uploads)
  await postgres.crash()
  for (const { url } of [one, two]) {
    // A connection may answer until its process notices that the first one is gone.
    const answer = await until(async () => {
      const answer = await fetch(`${url}/videos/${id}`, { headers: keys.uploads })
      return !answer.ok && answer
    })
    t.equal(answer.status, 503)
    t.equal(answer.headers.get('retry-after'), '1')
  }
  await until(() => postgres.start().then(() => true))
  for (const { url } of [one, two])
    await until(async () => (await fetch(`${url}/videos/${id}`, { headers: keys.uploads })).ok)
  await upload(keys.uploads)
})
