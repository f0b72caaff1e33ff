import { brotliDecompressSync } from 'node:zlib'
import { sql } from 'kysely'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { SKIP_REASONS, STEP_ERRORS } from '../../src/base/step-reasons.ts'
import { openPglite } from '../../src/database/pglite-database.ts'
import type { StepName, StepState } from '../../src/database/tables/steps.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { TusWire } from '../support/tus-wire.ts'

/** What each step makes, by the paths below a video. */
const RESULTS: Readonly<Record<string, StepName>> = {
  poster: 'poster',
  'poster/small': 'poster',
  'storyboard.jpg': 'poster',
  'storyboard.vtt': 'poster',
  audio: 'audio',
  'peaks.json': 'audio',
  transcript: 'transcribe',
  'transcript.txt': 'transcribe',
  'captions.vtt': 'transcribe',
  'captions.srt': 'transcribe',
  'captions/2.vtt': 'probe',
  'chapters.vtt': 'probe',
}

/** Seconds until the steps that wait are due: longer than this test. */
const WAIT_S = 3600

interface State {
  readonly state: StepState
  readonly reason?: string
  readonly error?: string
}

t.test('what a service says of results that are not there, and of wrong input', async t => {
  const dataDir = throwAwayDirectory('data')
  await seedEmbeddedDatabase(dataDir)
  const database = await openPglite(dataDir)
  const add = async ({ state, reason, error }: State) => {
    const id = uuid()
    await sql`
      insert into videos (id, title, description, status, storage_key, size)
      values (${id}, 'One', ${'A long description. '.repeat(100)}, 'ready', ${`uploads/${id}`}, 1000)`.execute(
      database.db,
    )
    await sql`
      insert into steps (video_id, name, state, reason, error_code, error_message, due_at)
      select ${id}::uuid, name, ${state}, ${reason ?? null}, ${error ?? null}, ${error ? 'It broke.' : null},
        now() + ${WAIT_S} * interval '1 second'
      from unnest(array['probe', 'playback', 'poster', 'audio', 'transcribe']) name`.execute(database.db)
    return id
  }
  const [waiting, done] = [await add({ state: 'pending' }), await add({ state: 'done' })]
  const skipped = await Promise.all(
    SKIP_REASONS.map(async reason => ({ reason, id: await add({ state: 'skipped', reason }) })),
  )
  const failed = await Promise.all(
    STEP_ERRORS.map(async error => ({ error, id: await add({ state: 'failed', error }) })),
  )
  await database.close()
  const service = await startService({ env: { DATA_DIR: dataDir } })
  t.teardown(() => service.stop())
  const ask = async (path: string) => {
    const { status, headers, text } = await rawRequest(service.url, path)
    return { status, headers, problem: JSON.parse(text) as Record<string, unknown> }
  }

  await t.test('it is not ready yet: try again later', async t => {
    for (const [path, step] of Object.entries(RESULTS)) {
      const answer = await ask(`/videos/${waiting}/${path}`)
      t.match(answer, { status: 404, problem: { code: 'not_ready', step, reason: null } }, path)
      t.equal(answer.headers['retry-after'], '60', path)
      t.match(answer.problem['detail'], /^The [\w ]+ is not ready yet/)
    }
  })

  await t.test('it never will be: the reason of its step says why', async t => {
    for (const { id, reason } of skipped)
      for (const [path, step] of Object.entries(RESULTS)) {
        const answer = await ask(`/videos/${id}/${path}`)
        t.match(answer, { status: 404, problem: { code: 'not_found', step, reason } }, `${path} ${reason}`)
        t.match(answer.problem['detail'], /^The [\w ]+ does not exist, because [a-z][\w -]+\.$/)
        t.notMatch(answer.problem['detail'], reason, 'in words')
        t.equal(answer.headers['retry-after'], undefined)
      }
    for (const { id, error } of failed)
      for (const [path, step] of Object.entries(RESULTS)) {
        const answer = await ask(`/videos/${id}/${path}`)
        t.match(answer, { status: 404, problem: { code: 'not_found', step, reason: error } }, path)
        t.match(answer.problem['detail'], /^The [\w ]+ could not be created\. It broke\.$/)
      }
    for (const path of Object.keys(RESULTS))
      t.match(await ask(`/videos/${done}/${path}`), { status: 404, problem: { code: 'not_found' } })
    for (const path of Object.keys(RESULTS))
      t.match(await ask(`/videos/${uuid()}/${path}`), { problem: { detail: 'The video was not found.' } })
  })

  await t.test('lists are compressed, and so are the texts of the API', async t => {
    const coded = (path: string) => rawRequest(service.url, path, { headers: { 'accept-encoding': 'br' } })
    const plain = await rawRequest(service.url, '/videos?limit=100')
    const list = await coded('/videos?limit=100')
    t.equal(list.headers['content-encoding'], 'br')
    t.match(list.headers.vary, 'Accept-Encoding')
    t.equal(brotliDecompressSync(list.body).toString(), plain.text)
    t.ok(list.body.length * 5 < plain.body.length, `${list.body.length} of ${plain.body.length} bytes`)
    for (const path of ['/openapi.json', '/docs', '/metrics', `/videos/${done}`])
      t.equal((await coded(path)).headers['content-encoding'], 'br', path)
    const { headers } = await coded(`/videos/${done}`)
    const change = (etag: string, title: string) =>
      rawRequest(service.url, `/videos/${done}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', 'if-match': etag },
        body: JSON.stringify({ title }),
      })
    t.equal((await change(headers.etag!, 'Two')).status, 200, 'the tag of a compressed answer holds')
    t.equal((await change(headers.etag!, 'Three')).status, 412)
  })

  await t.test('a value that is none of several is told which there are', async t => {
    const json = { 'content-type': 'application/json' }
    const cases: [method: string, path: string, body: unknown, field: string, values: string][] = [
      ['GET', '/videos?sort=newest', undefined, 'sort', 'created_at, -created_at, title, -title'],
      ['GET', '/videos?status=gone', undefined, 'status', 'uploading, processing, ready, failed'],
      [
        'POST',
        `/videos/${done}/retry?step=x`,
        undefined,
        'step',
        'probe, playback, poster, audio, transcribe',
      ],
      [
        'POST',
        `/videos/${done}/links`,
        { kinds: ['stream', 'x'] },
        'kinds.1',
        'stream, source, audio, poster',
      ],
      ['POST', '/webhooks', { url: 'https://a.example', events: ['x'] }, 'events.0', 'video.uploaded'],
    ]
    for (const [method, path, body, field, values] of cases) {
      const headers = body ? json : {}
      const { status, text } = await rawRequest(service.url, path, {
        method,
        headers,
        body: body ? JSON.stringify(body) : '',
      })
      const problem = JSON.parse(text)
      t.match({ status, ...problem }, { status: 400, field }, path)
      t.match(problem.detail, `${field} must be one of ${values}`)
    }
    const unknown = JSON.parse((await rawRequest(service.url, '/videos?page=2')).text)
    t.match(unknown, { field: 'page', detail: 'page is unknown.' })
  })

  await t.test('whatever refuses a request says so in the same form', async t => {
    const tus = new TusWire(service.url)
    const type = { 'content-type': 'application/json' }
    const upload = await tus.create(5)
    const raw = (method: string, path: string, options = {}) =>
      rawRequest(service.url, path, { method, ...options })
    const answers: [status: number, answer: Promise<{ status: number; headers: object; text: string }>][] = [
      [412, raw('POST', '/uploads')],
      [412, raw('PATCH', upload, { headers: { 'tus-resumable': '0.2.2' } })],
      [404, raw('GET', '/uploads')],
      [415, tus.send('PATCH', upload, { 'upload-offset': 0, 'content-type': 'text/plain' }, 'x')],
      [404, tus.patch(`/uploads/${uuid()}`, 0, 'x')],
      [404, tus.send('DELETE', `/uploads/${uuid()}`)],
      [409, tus.patch(upload, 3, 'xx')],
      [400, tus.send('POST', '/uploads', { 'upload-length': 'x' })],
      [413, tus.send('POST', '/uploads', { 'upload-length': 2 ** 50 })],
      [460, tus.patch(upload, 0, 'x', { 'upload-checksum': 'sha1 x' })],
      [400, raw('PATCH', `/videos/${done}`, { headers: type, body: '{' })],
      [413, raw('POST', '/webhooks', { headers: type, body: `{"url":"${'x'.repeat(2_000_000)}"}` })],
      [415, raw('PATCH', `/videos/${done}`, { headers: { 'content-type': 'a/b' }, body: 'x' })],
      [404, raw('GET', '/nothing')],
      [404, raw('POST', '/status')],
      [400, raw('GET', '/%')],
      [400, raw('GET', `/videos/${'x'.repeat(500)}`)],
      [431, raw('GET', '/', { headers: { x: 'x'.repeat(20_000) } })],
      [400, raw('GET', '/videos?limit=x')],
    ]
    for (const [status, asked] of answers) {
      const answer = await asked
      t.match(answer, { status, headers: { 'content-type': /^application\/problem\+json/ } }, answer.text)
      const { code, detail, ...problem } = JSON.parse(answer.text)
      t.match(problem, { type: 'about:blank', status, title: String })
      t.match(code, /^[a-z_]+$/)
      t.match(detail, /^\w.* /)
    }
  })
})
