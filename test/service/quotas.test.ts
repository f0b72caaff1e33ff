import { sql } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { openRequest, rawRequest } from '../support/raw-request.ts'
import { OCTETS } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'

type Credential = { readonly authorization: string }

const TUS = { 'tus-resumable': '1.0.0' }
const QUOTA = 100_000
/** Uploads that a quota of this size has a place for. */
const ROWS = 100
const MAX_UNFINISHED = 12
const OWNERS = [
  'deferred',
  'chunked',
  'forms',
  'chunks',
  'texts',
  'joins',
  'empty',
  'links',
  'mixed',
  'small',
  'waiting',
] as const

await flavours(t, async (t, { env }) => {
  const holders = Object.fromEntries(
    OWNERS.map(owner => [owner, { owner, scopes: ['read', 'write'] as const }]),
  ) as Record<(typeof OWNERS)[number], { owner: string; scopes: readonly ['read', 'write'] }>
  const { service, keys } = await startGuarded(
    {
      ...env,
      STORAGE_QUOTA: String(QUOTA),
      SWEEP_INTERVAL: '1',
      RATE_LIMIT: 'off',
      MAX_UNFINISHED_UPLOADS: String(MAX_UNFINISHED),
    },
    holders,
    // Requests would take the test ten seconds.
    async db => {
      await sql`
        insert into uploads (id, length, metadata, owner, expires_at, finished_at)
        select gen_random_uuid(), 0, '{}', 'empty', now(), now() from generate_series(1, ${ROWS - 5}::int)`.execute(
        db,
      )
      await sql`
        insert into idempotent_requests (key, token, lease_until, owner)
        select 'key ' || n, gen_random_uuid(), now(), 'small' from generate_series(1, 10000) n`.execute(db)
    },
  )
  t.teardown(() => service.stop())
  const { url } = service
  const json = (who: Credential, method: string, path: string, value: unknown) =>
    rawRequest(url, path, {
      method,
      headers: { ...who, 'content-type': 'application/json' },
      body: JSON.stringify(value),
    })
  const create = async (who: Credential, headers: Record<string, string | number>) =>
    rawRequest(url, '/uploads', { method: 'POST', headers: { ...TUS, ...who, ...headers } })
  const deferred = async (who: Credential, headers: Record<string, string | number> = {}) =>
    (await create(who, { 'upload-defer-length': 1, ...headers })).headers.location!
  const patch = async (who: Credential, path: string, body: Buffer, headers: Record<string, string> = {}) => {
    const all = { ...TUS, ...who, 'upload-offset': 0, 'content-type': OCTETS, ...headers }
    return (await rawRequest(url, path, { method: 'PATCH', headers: all, body })).status
  }
  const offset = async (who: Credential, path: string) => {
    const { headers } = await rawRequest(url, path, { method: 'HEAD', headers: { ...TUS, ...who } })
    return Number(headers['upload-offset'])
  }
  const remove = (who: Credential, path: string) =>
    // Videos in the bin count.
    rawRequest(url, path.replace(/^\/videos\/.*/, '$&?permanent=true'), {
      method: 'DELETE',
      headers: { ...TUS, ...who },
    })
  const count = (found: readonly number[], status: number) => found.filter(each => each === status).length
  const many = <T>(n: number, make: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: n }, (_, index) => make(index)))

  await t.test('of uploads without a length, in parallel, one that fits succeeds', async t => {
    for (const [owner, headers] of [
      ['deferred', {}],
      ['chunked', { 'transfer-encoding': 'chunked' }],
    ] as const) {
      const who = keys[owner]
      const paths = await many(6, () => deferred(who))
      const statuses = await Promise.all(paths.map(path => patch(who, path, Buffer.alloc(60_000), headers)))
      t.equal(count(statuses, 204), 1, `${owner}: ${statuses}`)
      t.equal(count(statuses, 413), 5)
      const kept = await Promise.all(paths.map(path => offset(who, path)))
      t.ok(kept.reduce((a, b) => a + b) <= QUOTA, `${owner}: ${kept}`)
      const more = paths.find((_, index) => statuses[index] === 413)!
      t.equal(
        await patch(who, more, Buffer.alloc(QUOTA - kept.reduce((a, b) => a + b) + 1).subarray(0, 50_000)),
        413,
      )
      await Promise.all(paths.map(path => remove(who, path)))
      const small = await many(2, () => deferred(who))
      const both = await Promise.all(small.map(path => patch(who, path, Buffer.alloc(45_000), headers)))
      t.same(both, [204, 204], `${owner}: two that fit together`)
      await Promise.all(small.map(path => remove(who, path)))
      t.equal(
        await patch(who, await deferred(who), Buffer.alloc(QUOTA)),
        204,
        'and all of it once there is room',
      )
    }
  })

  await t.test('also of forms', async t => {
    const who = keys.forms
    const post = async (size: number) => {
      const form = new FormData()
      form.append('video', new Blob([Buffer.alloc(size)]), 'a.mp4')
      return (await fetch(`${url}/videos`, { method: 'POST', body: form, headers: who })).status
    }
    const statuses = await many(8, () => post(60_000))
    t.equal(count(statuses, 201), 1, String(statuses))
    t.equal(await post(40_000), 201, 'up to the last byte')
    t.equal(await post(1), 413)
  })

  await t.test('also of chunks of several recordings', async t => {
    const who = keys.chunks
    const ids = await many(8, async () => JSON.parse((await json(who, 'POST', '/recordings', {})).text).id)
    // Out of order: they wait for the first.
    const put = async (id: string, n: number, size: number) =>
      (
        await rawRequest(url, `/recordings/${id}/chunks/${n}`, {
          method: 'PUT',
          headers: who,
          body: Buffer.alloc(size),
        })
      ).status
    const statuses = await Promise.all(ids.map(id => put(id, 3, 60_000)))
    t.equal(count(statuses, 200), 1, String(statuses))
    const form = new FormData()
    form.append('chunk', new Blob([Buffer.alloc(50_000)]), 'chunk')
    form.append('index', '0')
    const posted = await fetch(`${url}/recordings/${ids[0]}/chunks`, {
      method: 'POST',
      body: form,
      headers: who,
    })
    t.equal(posted.status, 413, 'and as a form')
    t.equal(await put(ids[0]!, 0, 40_000), 200)
    t.equal(await put(ids[0]!, 1, 1), 413)
    t.equal((await create(who, { 'upload-length': 1 })).status, 413)
  })

  await t.test('of different kinds at once', async t => {
    const who = keys.mixed
    const upload = await deferred(who)
    const { id } = JSON.parse((await json(who, 'POST', '/recordings', {})).text)
    const form = new FormData()
    form.append('video', new Blob([Buffer.alloc(60_000)]), 'a.mp4')
    const statuses = await Promise.all([
      patch(who, upload, Buffer.alloc(60_000)),
      rawRequest(url, `/recordings/${id}/chunks/0`, {
        method: 'PUT',
        headers: who,
        body: Buffer.alloc(60_000),
      }).then(answer => answer.status),
      fetch(`${url}/videos`, { method: 'POST', body: form, headers: who }).then(answer => answer.status),
      create(who, { 'upload-length': 60_000 }).then(answer => answer.status),
    ])
    t.equal(count(statuses, 413), 3, String(statuses))
  })

  const emptyVideo = async (who: Credential) =>
    (await create(who, { 'upload-length': 0 })).headers.location!.split('/').at(-1)!

  await t.test('texts of transcripts count, and long descriptions', async t => {
    const who = keys.texts
    const id = await emptyVideo(who)
    const text = 'word '.repeat(4000).trim()
    const write = async (n: number) =>
      (await json(who, 'PATCH', `/videos/${id}`, { transcript: `${n} ${text}` })).status
    const statuses = await many(6, write)
    t.ok(count(statuses, 200) >= 1 && count(statuses, 413) >= 2, String(statuses))
    const segments = [{ start: 0, end: 0.5, text: text.slice(0, 9000) }]
    const puts: number[] = []
    for (let n = 0; n < 20 && puts.at(-1) !== 413; n++)
      puts.push((await json(who, 'PUT', `/videos/${id}/transcript`, { segments })).status)
    t.equal(puts.at(-1), 413, String(puts))
    const restored = await many(4, async () => {
      const path = `/videos/${id}/transcript/revisions/1/restore`
      return (await rawRequest(url, path, { method: 'POST', headers: who })).status
    })
    t.ok(count(restored, 413) >= 3, String(restored))
    t.equal((await json(who, 'PATCH', `/videos/${id}`, { title: 'Short' })).status, 200, 'a title is no text')
    const long = await json(who, 'PATCH', `/videos/${id}`, { description: '漢'.repeat(10_000) })
    t.match([long.status, JSON.parse(long.text).code], [413, 'quota_exceeded'])
    t.equal((await remove(who, `/videos/${id}`)).status, 204)
    const next = await emptyVideo(who)
    t.equal((await json(who, 'PATCH', `/videos/${next}`, { description: '漢'.repeat(10_000) })).status, 200)
  })

  await t.test('what is joined counts once, and parts do not stay behind', async t => {
    const who = keys.joins
    const part = async (size: number) => {
      const { status, headers } = await create(who, { 'upload-length': size, 'upload-concat': 'partial' })
      if (status !== 201) return String(status)
      await patch(who, headers.location!, Buffer.alloc(size))
      return headers.location!
    }
    const join = (title: string, ...parts: string[]) =>
      create(who, {
        'upload-concat': `final;${parts.join(' ')}`,
        'upload-metadata': `title ${Buffer.from(title).toString('base64')}`,
      })
    const big = await part(60_000)
    const finals = await many(5, n => join(`n${n}`, big))
    const made = finals.filter(({ status }) => status === 201)
    t.equal(made.length, 1, `60 kB once, of 100: ${finals.map(({ status }) => status)}`)
    t.equal((await join('again', big)).status, 400, 'the part is in a video by now')
    t.equal((await rawRequest(url, big, { method: 'HEAD', headers: { ...TUS, ...who } })).status, 200)
    const path = made[0]!.headers.location!.replace('/uploads/', '/videos/')
    t.equal((await rawRequest(url, `${path}/source`, { headers: who })).body.length, 60_000)
    t.equal(await part(50_000), '413')
    // Round after round, only what is there counts, and nothing is left on the disk.
    for (let round = 0; round < 2; round++) {
      const [one, two] = [await part(20_000), await part(20_000)]
      const { status, headers } = await join(`round ${round}`, one, two)
      t.equal(status, 201)
      const whole = headers.location!.replace('/uploads/', '/videos/')
      t.equal((await rawRequest(url, `${whole}/source`, { headers: who })).body.length, 40_000)
      t.equal((await remove(who, whole)).status, 204)
    }
    const twice = await part(20_000)
    t.equal((await join('twice', twice, twice, twice)).status, 413, 'named again, it counts again')
    t.equal((await join('twice', twice, twice)).status, 201)
  })

  await t.test('uploads of no bytes are rows', async t => {
    const who = keys.empty
    // There are five places left of those that every quota has.
    const statuses = await many(10, async () => (await create(who, { 'upload-length': 0 })).status)
    t.equal(count(statuses, 201), 5, String(statuses))
    t.equal(count(statuses, 413), 5)
    const { id } = JSON.parse((await json(keys.small, 'POST', '/recordings', {})).text)
    const put = (n: number) =>
      rawRequest(url, `/recordings/${id}/chunks/${n}`, { method: 'PUT', headers: keys.small, body: '' })
    t.equal((await put(0)).status, 200)
    t.equal((await put(5000)).status, 413, 'and so are chunks')
  })

  await t.test('links that nobody uses are as many as unfinished uploads may be', async t => {
    const who = keys.links
    const statuses = await many(
      MAX_UNFINISHED + 5,
      async () => (await json(who, 'POST', '/uploads/links', {})).status,
    )
    t.equal(count(statuses, 201), MAX_UNFINISHED)
    t.equal(count(statuses, 429), 5)
  })

  await t.test('keys of requests are limited', async t => {
    for (const [path, headers] of [
      ['/uploads', { ...TUS, 'upload-length': 1 }],
      ['/recordings', {}],
    ] as const) {
      const post = (key: object) =>
        rawRequest(url, path, { method: 'POST', headers: { ...keys.small, ...headers, ...key } })
      t.equal((await post({ 'idempotency-key': 'one more' })).status, 429, path)
      t.equal((await post({})).status, 201, 'without one it goes on')
    }
  })

  const { DATABASE_URL } = env as { DATABASE_URL?: string }
  if (DATABASE_URL)
    await t.test('an owner whose requests wait for each other leaves the database to others', async t => {
      const client = new pg.Client(DATABASE_URL)
      await client.connect()
      await client.query("select pg_advisory_lock(hashtextextended('uploads of waiting', 0))")
      // More than there are connections.
      const waiting = many(20, () => create(keys.waiting, { 'upload-length': 1 }))
      await until(async () => {
        const { rows } = await client.query(
          "select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted",
        )
        return rows[0].n > 0
      })
      t.equal((await rawRequest(url, '/videos', { headers: keys.small })).status, 200)
      t.equal((await create(keys.small, { 'upload-length': 1 })).status, 201)
      await client.end()
      const statuses = (await waiting).map(({ status }) => status)
      t.equal(count(statuses, 201), MAX_UNFINISHED, String(statuses))
    })

  await t.test('what is reserved is free again when its client is gone', async t => {
    const who = keys.deferred
    for (const { id } of JSON.parse((await rawRequest(url, '/videos', { headers: who })).text).items)
      await remove(who, `/videos/${id}`)
    const path = await deferred(keys.small)
    const headers = {
      ...TUS,
      ...keys.small,
      'upload-offset': 0,
      'content-type': OCTETS,
      'content-length': 90_000,
    }
    const { outgoing } = openRequest(url, path, { method: 'PATCH', headers })
    outgoing.on('error', () => {})
    outgoing.write(Buffer.alloc(10))
    const other = await deferred(keys.small)
    await until(async () => (await patch(keys.small, other, Buffer.alloc(20_000))) === 413)
    outgoing.destroy()
    await t.resolves(
      until(async () => (await patch(keys.small, other, Buffer.alloc(20_000))) === 204),
      'what was reserved is free again',
    )
  })

  t.same(
    service.logs
      .filter(({ level = 0, msg }) => level >= 50 && msg !== 'step failed')
      .map(({ msg, err }) => [msg, err])
      .slice(0, 3),
    [],
    'no error of the server',
  )
})
