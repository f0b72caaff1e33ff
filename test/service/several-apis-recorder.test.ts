import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { freeze } from '../support/freeze.ts'
import { openRequest, type RawAnswer } from '../support/raw-request.ts'
import type { Service } from '../support/service.ts'
import { startTwoApis } from '../support/two-apis.ts'
import { until } from '../support/until.ts'

// Chunks without numbers, which a client of the old recorder sends to two processes at the same time.

const { one, two, sql } = await startTwoApis('recorder')

const post = async ({ url }: Service, path: string, body: object) =>
  fetch(`${url}/api/${path}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const start = async () => {
  const { session_id } = (await (await post(one, 'start-recording', {})).json()) as { session_id: string }
  return session_id
}
const turnsOf = async (session: string) =>
  (await sql.query('select count(*)::int as turns from recording_turns where recording_id = $1', [session]))
    .rows[0].turns as number

/** A request with a chunk, of which half has arrived. */
interface Sending {
  readonly finish: () => Promise<RawAnswer>
  readonly breakOff: () => void
}

/** Sends half of a chunk, and waits until the process has seen the request. */
async function begin({ url }: Service, session: string, chunk: Buffer, more: object = {}): Promise<Sending> {
  const text = JSON.stringify({ session_id: session, ...more, video_chunk: chunk.toString('base64') })
  const half = Math.floor(text.length / 2)
  const before = await turnsOf(session)
  const { outgoing, answer } = openRequest(url, '/api/receive-video-chunk/', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': text.length },
  })
  outgoing.write(text.slice(0, half))
  await until(async () => (await turnsOf(session)) > before)
  return {
    finish() {
      outgoing.end(text.slice(half))
      return answer
    },
    breakOff: () => outgoing.destroy(),
  }
}

/** Closes the recording, and checks its bytes. */
async function holds(t: Test, session: string, chunks: readonly Buffer[]): Promise<void> {
  const closed = await post(two, 'finalize-recording', { session_id: session, is_final: true })
  t.equal(closed.status, 200, await closed.text())
  const source = Buffer.from(await (await fetch(`${two.url}/videos/${session}/source`)).arrayBuffer())
  t.ok(source.equals(Buffer.concat(chunks)), `${source.length} bytes`)
  t.equal(await turnsOf(session), 0)
}

const someChunks = (count: number) => Array.from({ length: count }, (_, n) => randomBytes(100_000 + n))

t.test('chunks count in the order in which their requests begin, whichever ends first', async t => {
  const session = await start()
  const chunks = someChunks(6)
  const sending: Sending[] = []
  for (const [n, chunk] of chunks.entries()) sending.push(await begin(n % 2 ? two : one, session, chunk))
  // All bodies are complete, the last one first. Each chunk waits for those before it.
  const answers = sending.toReversed().map(({ finish }) => finish())
  for (const answer of answers) t.match(await answer, { status: 200 })
  await holds(t, session, chunks)
})

t.test('chunks that are sent one after another, each to the other process', async t => {
  const session = await start()
  const chunks = someChunks(20)
  for (const [n, chunk] of chunks.entries()) {
    const sent = { session_id: session, video_chunk: chunk.toString('base64') }
    t.equal((await post(n % 2 ? two : one, 'receive-video-chunk', sent)).status, 200)
  }
  await holds(t, session, chunks)
})

t.test('a request that is broken off lets the later ones run, and leaves nothing', async t => {
  const session = await start()
  const [first, second, third] = someChunks(3) as [Buffer, Buffer, Buffer]
  const sending = [await begin(one, session, first), await begin(two, session, second)] as const
  const later = await begin(one, session, third)
  const answers = [sending[1].finish(), later.finish()]
  sending[0].breakOff()
  for (const answer of answers) t.match(await answer, { status: 200 })
  await holds(t, session, [second, third])
})

t.test('the last chunk closes the recording after the chunks before it, at the other process', async t => {
  const session = await start()
  const [first, second] = someChunks(2) as [Buffer, Buffer]
  const sending = await begin(one, session, first)
  const body = { session_id: session, video_chunk: second.toString('base64'), is_final: true }
  const closed = post(two, 'finalize-recording', body)
  await until(async () => (await turnsOf(session)) === 2)
  t.match(await sending.finish(), { status: 200 })
  t.equal((await closed).status, 200)
  await holds(t, session, [first, second])
})

t.test('a frozen process keeps nothing waiting for long, and adds no chunk when it wakes', async t => {
  const session = await start()
  const [first, second] = someChunks(2) as [Buffer, Buffer]
  const late = await begin(one, session, first)
  await freeze(one.pid)
  const next = await begin(two, session, second)
  const answer = next.finish()
  // As after a long time.
  await sql.query(
    "update recording_turns set held_until = now() - interval '1 second' where number = (select min(number) from recording_turns)",
  )
  t.match(await answer, { status: 200 })
  process.kill(one.pid, 'SIGCONT')
  t.match(await late.finish(), { status: 503 })
  const repeated = { session_id: session, video_chunk: first.toString('base64') }
  t.equal((await post(two, 'receive-video-chunk', repeated)).status, 200)
  await holds(t, session, [second, first])
})
