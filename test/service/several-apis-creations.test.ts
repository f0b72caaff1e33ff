import type { OutgoingHttpHeaders } from 'node:http'
import t from 'tap'
import { freeze } from '../support/freeze.ts'
import { storedFiles } from '../support/leftovers.ts'
import { rawRequest } from '../support/raw-request.ts'
import type { Service } from '../support/service.ts'
import { TusWire } from '../support/tus-wire.ts'
import { startTwoApis } from '../support/two-apis.ts'
import { until } from '../support/until.ts'
import { getJson, type VideoView } from '../support/video-api.ts'

// A creation that stops at any point in one api process, and is repeated in another one.

interface Creation {
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

const CREATIONS: Readonly<Record<string, Creation>> = {
  'a recording': {
    path: '/recordings',
    headers: { 'content-type': 'application/json' },
    body: '{"title":"x"}',
  },
  'a form': {
    path: '/videos',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\nbytes\r\n--b--\r\n',
  },
  'an upload': { path: '/uploads', headers: { 'tus-resumable': '1.0.0', 'upload-length': 5 }, body: '' },
}

const { one, two, sql } = await startTwoApis('creations')

let keys = 0
const newKey = () => `key ${keys++}`
const create = ({ url }: Service, { path, headers, body }: Creation, key: string) =>
  rawRequest(url, path, { method: 'POST', headers: { ...headers, 'idempotency-key': key }, body })
const videosOf = async () => {
  const all = 'status=uploading,processing,ready,failed'
  const { items } = await getJson<{ items: VideoView[] }>(`${two.url}/videos?limit=100&${all}`)
  return items.map(({ id }) => id)
}

/**
 * Runs `work` while the transactions that create uploads wait: before they insert the row, or at their commit. @param work gets a function that
 * waits until that many transactions wait.
 */
async function whileCreationsWait<T>(
  at: 'insert' | 'commit',
  work: (areWaiting: (count: number) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  await sql.query('select pg_advisory_lock(1)')
  await sql.query(`
    create or replace function wait_for_test() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock_shared(1); return new; end $$`)
  await sql.query(
    at === 'insert'
      ? 'create trigger wait_for_test before insert on all_uploads for each row execute function wait_for_test()'
      : 'create constraint trigger wait_for_test after insert on all_uploads deferrable initially deferred for each row execute function wait_for_test()',
  )
  const areWaiting = (count: number) =>
    until(async () => {
      const { rows } = await sql.query(
        "select count(*)::int as waiting from pg_locks where locktype = 'advisory' and objid = 1 and classid = 0 and not granted",
      )
      return rows[0].waiting === count
    })
  try {
    return await work(areWaiting)
  } finally {
    await sql.query('select pg_advisory_unlock(1)')
    await sql.query('drop trigger wait_for_test on all_uploads')
  }
}

// As if every process with a claimed key had not renewed its lease for a long time.
await sql.query(`
  create function lapse() returns trigger language plpgsql as
  $$ begin new.lease_until := least(new.lease_until, now() - interval '1 second'); return new; end $$`)
await sql.query(
  'create trigger lapse before insert or update on idempotent_requests for each row execute function lapse()',
)

for (const [name, creation] of Object.entries(CREATIONS)) {
  await t.test(`${name} that one begins to create when the other repeats the request`, async t => {
    const before = await videosOf()
    const key = newKey()
    const [late, repeated] = await whileCreationsWait('insert', async areWaiting => {
      const late = create(one, creation, key)
      await areWaiting(1)
      const repeated = create(two, creation, key)
      // An upload claims its key in the transaction that waits, so the other request waits for that.
      if (creation.path === '/uploads') await waitingFor(/insert into "idempotent_requests"/)
      else await areWaiting(2)
      return [late, repeated] as const
    })
    const answers = [await late, await repeated]
    const statuses = answers.map(({ status }) => status).toSorted()
    t.strictSame(statuses, creation.path === '/uploads' ? [201, 201] : [201, 409], JSON.stringify(answers))
    t.equal((await videosOf()).length, before.length + 1, 'one video')
    const again = await create(one, creation, key)
    const { location } = answers.find(({ status }) => status === 201)!.headers
    t.match([again.status, again.headers.location], [201, location])
  })

  await t.test(`${name} whose creation is being committed when the other repeats the request`, async t => {
    const before = await videosOf()
    const key = newKey()
    const [late, repeated] = await whileCreationsWait('commit', async areWaiting => {
      const late = create(one, creation, key)
      await areWaiting(1)
      await freeze(one.pid)
      const repeated = create(two, creation, key)
      await waitingFor(/idempotent_requests/)
      return [late, repeated] as const
    })
    const { status, headers, text } = await repeated
    t.equal(status, 201, text)
    process.kill(one.pid, 'SIGCONT')
    const answer = await late
    // A recording is complete. The other process has taken the upload over, and has replaced the form, whose bytes had not arrived.
    if (name === 'a recording') t.match(answer, { status: 201, headers: { location: headers.location } })
    else t.match(String(answer.status), /^4/, answer.text)
    t.equal((await videosOf()).length, before.length + 1, 'one video')
  })
}

for (const [name, end] of Object.entries({
  deleted: (id: string) => new TusWire(two.url).send('DELETE', `/uploads/${id}`),
  finished: (id: string) => new TusWire(two.url).patch(`/uploads/${id}`, 0, 'bytes'),
}))
  await t.test(`an upload that is ${name} before its creator has made its file leaves no file`, async t => {
    const before = await videosOf()
    const key = newKey()
    const late = await whileCreationsWait('commit', async areWaiting => {
      const late = create(one, CREATIONS['an upload']!, key)
      await areWaiting(1)
      await freeze(one.pid)
      return [late]
    })
    const [id] = await until(async () => {
      const found = (await videosOf()).filter(id => !before.includes(id))
      return found.length > 0 && found
    })
    t.equal((await end(id!)).status, 204)
    const files = async () => (await storedFiles(one.dataDir)).filter(file => file.includes(id!))
    const kept = name === 'finished' ? [`uploads/${id}.whole`] : []
    await until(async () => (await files()).length === kept.length)
    // As after a long time: nothing removes the upload's other files any more.
    await sql.query('delete from removals')
    process.kill(one.pid, 'SIGCONT')
    t.equal((await late[0]!).status, name === 'finished' ? 423 : 409)
    t.strictSame(await until(async () => (await files()).length === kept.length && files()), kept)
  })

/** Waits until a statement waits for a row that another transaction has locked. */
async function waitingFor(query: RegExp): Promise<void> {
  await until(async () => {
    const { rows } = await sql.query(
      "select query from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event <> 'advisory'",
    )
    return rows.some(row => query.test(row.query))
  })
}
