import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { type DjangoApplication, djangoApplication } from '../support/django-application.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { flavours } from '../support/flavours.ts'
import { storedFiles } from '../support/leftovers.ts'
import { type Env, runImport, runImportUntil } from '../support/run-import.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { writeTusdUpload } from '../support/tus-folders.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, sha256 } from '../support/video-api.ts'

interface Listed {
  readonly id: string | number
  readonly title: string
  readonly description: string
  readonly created_at: string
  readonly last_played: string | null
  readonly transcript: string | null
}

const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e'
/** So many that a kill comes between two. */
const MANY = 25

const bytesOf = (name: string) => Buffer.from(`the bytes of ${name} `.repeat(50))

async function fill(old: DjangoApplication, isPostgres: boolean): Promise<void> {
  const at = (time: string) => (isPostgres ? `${time}+00` : time)
  const uuid = (id: string) => (isPostgres ? id : id.replaceAll('-', ''))
  const talk = readFileSync(await clip({ seconds: 2, container: 'mp3' }))
  await old.insert('videos_video', {
    id: 17,
    title: 'Talk “one”',
    description: 'Line 1\nLine 2',
    video: old.file('videos/talk_x7.mp3', talk),
    thumbnail: 'thumbs/talk.jpg',
    transcript: 'A person wrote apples and pears.',
    size: talk.length,
    last_played: at('2024-02-29 23:59:59.5'),
    created_at: at('2023-10-29 02:30:00.123456'),
  })
  for (let n = 0; n < MANY; n++)
    await old.insert('videos_video', {
      id: 100 + n,
      title: `Video ${n}`,
      description: '',
      video: old.file(`videos/2023/${n}.mp4`, bytesOf(String(n))),
      created_at: at('2023-11-01 00:00:00'),
    })
  await old.insert('videos_video', {
    id: 200,
    title: 'In the database',
    description: '',
    video: '',
    video_binary: bytesOf('a blob'),
    created_at: at('2023-11-02 00:00:00'),
  })
  await old.insert('recorder_recording', {
    id: 3,
    session_id: uuid(SESSION),
    status: 'completed',
    created_at: at('2023-12-01 10:00:00'),
  })
  for (const number of [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    await old.insert('recorder_videochunk', {
      chunk_number: number,
      video_chunk: old.file(`chunks/${SESSION}_${number}.webm`, bytesOf(`chunk ${number}`)),
      recording_id: 3,
    })
}

const RECORDED = Buffer.concat(Array.from({ length: 11 }, (_, at) => bytesOf(`chunk ${at + 1}`)))

await flavours(t, async (t, flavour) => {
  const isPostgres = flavour.name === 'served'
  const old = await djangoApplication({
    url: isPostgres ? await flavour.postgres.createDatabase({ empty: true }) : undefined,
  })
  t.teardown(() => old.close())
  await fill(old, isPostgres)
  if (isPostgres) {
    // On PostgreSQL a run costs less, and they do not depend on the database.
    const fresh = () => flavour.postgres.createDatabase()
    await t.test('what cannot be read is told, and costs nothing else', async t => badRows(t, await fresh()))
    await t.test('an import that is interrupted', async t => interrupted(t, await fresh()))
  }
  const env = { ...flavour.env, DATA_DIR: throwAwayDirectory('imported'), SWEEP_INTERVAL: '1' }
  if (!isPostgres) await seedEmbeddedDatabase(env.DATA_DIR)
  const args = ['--database', old.database, '--media', old.media]
  const total = MANY + 3

  await t.test('killed and run again: everything is there once', async t => {
    // Each run opens the embedded database, which takes its time.
    for (const files of isPostgres ? [3, 9] : [9])
      t.equal(
        await runImportUntil(env, args, async () => (await storedFiles(env.DATA_DIR)).length >= files),
        null,
        'it was killed',
      )
    const { code, end, stderr } = await runImport(env, ...args)
    t.equal(code, 0, stderr)
    t.equal(end!.imported + end!.known, total)
    t.ok(end!.known >= 9 - 2, `${end!.known} were imported before the kills`)
    t.equal((await storedFiles(env.DATA_DIR)).length, total, 'no file is left over')
  })

  const service = await startService({ env })
  t.teardown(() => service.kill())
  const { url } = service
  const ask = async <T>(path: string, init?: RequestInit) =>
    (await (await fetch(`${url}/api/${path}`, init)).json()) as T
  const list = async () => (await ask<{ data: Listed[] }>('videos/')).data
  const source = async (id: string) => sha256(await (await fetch(`${url}/api/videos/${id}/stream/`)).bytes())

  await t.test('titles, times, texts and bytes have come along', async t => {
    const videos = await list()
    t.equal(videos.length, total)
    const titles = new Set(videos.map(({ title }) => title))
    t.equal(titles.size, total, 'each once')
    const video = (await ask<{ data: Listed }>('videos/17/')).data
    t.match(video, {
      id: 17,
      title: 'Talk “one”',
      description: 'Line 1\nLine 2',
      transcript: 'A person wrote apples and pears.',
      created_at: '2023-10-29T02:30:00.123Z',
      last_played: '2024-02-29T23:59:59.500Z',
    })
    t.equal(videos.at(-1)!.id, 17, 'the oldest is the last')
    const ids = new Map(videos.map(({ id, title }) => [title, String(id)]))
    t.equal(await source(ids.get('Video 7')!), sha256(bytesOf('7')))
    t.equal(await source(ids.get('In the database')!), sha256(bytesOf('a blob')))
  })

  await t.test('a recording by its session id, its chunks by number', async t => {
    type Recorded = { recorded_data: { file_url: string; session_id: string } }
    for (const session of [SESSION, SESSION.toUpperCase(), SESSION.replaceAll('-', '')]) {
      const { recorded_data } = await ask<Recorded>(`get-recorded-data/${session}/`)
      t.equal(sha256(await (await fetch(url + recorded_data.file_url)).bytes()), sha256(RECORDED), session)
    }
  })

  await t.test('a dry run says what it has recognised, and changes nothing', async t => {
    const { code, found, end } = await runImport(env, ...args, '--dry-run')
    t.equal(code, 0)
    t.match(found, [
      /^videos: table videos_video .*title=title.*file=video.*bytes=video_binary.*not used: thumbnail/,
      /^recordings: table recorder_recording .*id=session_id/,
      /^chunks: table recorder_videochunk .*order=chunk_number/,
      /recorder_videochunk.recording_id names recorder_recording.id/,
      /UTC/,
      /media folder/,
    ])
    t.match(
      end,
      isPostgres ? { imported: 0, known: total } : { imported: total },
      'as far as it can be known',
    )
    t.equal((await list()).length, total)
  })

  const listed = await getJson<{ items: { id: string; transcript: string }[] }>(`${url}/videos?q=pears`)
  const [{ id } = { id: '' }] = listed.items
  await t.test('a transcript without times is a person’s, and works everywhere', async t => {
    t.equal(listed.items.length, 1, 'found')
    await endedVideo(url, id)
    const transcript = await getJson<{ origin: string; segments: { start: number; end: number }[] }>(
      `${url}/videos/${id}/transcript`,
    )
    t.equal(transcript.origin, 'person')
    t.ok(
      transcript.segments[0]!.end > 1.5,
      `it takes the length of the video: ${transcript.segments[0]!.end}`,
    )
    t.match(
      await (await fetch(`${url}/videos/${id}/captions.vtt`)).text(),
      /00:00:00.000 --> 00:00:02[\s\S]*pears/,
    )
  })

  if (!isPostgres) {
    const busy = await runImport(env, ...args)
    t.equal(busy.code, 2)
    t.match(busy.stderr, /service is running.*Stop the service/)
    await service.stop()
    t.match(await runImport(env, ...args), { code: 0, end: { imported: 0, known: total } })
    return
  }
  await t.test('every command of docs/migrating.md works as printed', t => guide(t, url, old, env))
  await t.test('the next run changes nothing: neither edits nor deletions', async t => {
    await fetch(`${url}/videos/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Edited', transcript: 'Edited too' }),
    })
    const [deleted] = (await list()).filter(({ title }) => title === 'Video 7')
    t.equal((await fetch(`${url}/api/videos/${deleted!.id}/`, { method: 'DELETE' })).status, 200)
    await old.execute("update videos_video set title = 'Renamed there' where id = 17")
    t.match(await runImport(env, ...args), { code: 0, end: { imported: 0, known: total } })
    const after = await list()
    // With the two of the guide, and without the one that was deleted.
    t.equal(after.length, total + 2 - 1)
    t.match(
      after.find(video => video.id === 17),
      { title: 'Edited', transcript: 'Edited too' },
    )
  })
})

/** @param old in PostgreSQL, imported already. */
async function guide(t: Test, url: string, old: DjangoApplication, env: Env): Promise<void> {
  const place = throwAwayDirectory('guide')
  const lite = await djangoApplication()
  await lite.insert('videos_video', {
    id: 9000,
    title: 'Guide',
    description: '',
    created_at: '2024-01-01 00:00:00',
    video: lite.file('videos/guide.mp4', 'guide'),
  })
  await lite.close()
  mkdirSync(join(place, 'old'))
  renameSync(lite.database, join(place, 'old', 'db.sqlite3'))
  cpSync(old.media, join(place, 'old', 'media'), { recursive: true })
  cpSync(lite.media, join(place, 'old', 'media'), { recursive: true })
  const id = '24e533e02ec3bc40c387f1a0e460e216'
  writeTusdUpload(join(place, 'tusd', 'data'), { id, size: 9, bytes: 'half' })
  mkdirSync(join(place, 'videos'))
  copyFileSync(await clip({ seconds: 2, container: 'mp3' }), join(place, 'videos', 'talk.mp3'))
  const text = readFileSync(new URL('../../docs/migrating.md', import.meta.url), 'utf8')
  const commands = [...text.matchAll(/^( *)```sh\n([\s\S]*?)\n\1```/gm)].flatMap(([, , block]) =>
    block!.split('\n').map(line => line.trim()),
  )
  t.equal(commands.length, 8)
  for (const command of commands) {
    const line = command
      .replaceAll('/srv/', `${place}/`)
      .replace(/postgres:\S+/, old.database)
      .replace('http://127.0.0.1:3000', url)
      .replace('curl', 'curl -sSf')
    const { stdout } = await promisify(execFile)('sh', ['-c', line], {
      cwd: join(import.meta.dirname, '..', '..'),
      env: { PATH: process.env['PATH'], ...env },
    })
    if (command.includes('-I')) t.match(stdout, /upload-offset: 4/i, command)
    else t.match(stdout, /imported before|"status":"success"|"session_id"/, command)
  }
}

async function badRows(t: Test, databaseUrl: string): Promise<void> {
  const old = await djangoApplication()
  t.teardown(() => old.close())
  const created_at = '2024-01-01 00:00:00'
  const bad = async (title: string, row: object) =>
    old.insert('videos_video', { title, description: '', created_at, video: '', ...row })
  old.file('../secret.mp4', 'secret')
  symlinkSync(join(old.media, '..', 'secret.mp4'), join(old.media, 'link.mp4'))
  symlinkSync(join(old.media, '..'), join(old.media, 'up'))
  await bad('missing', { video: 'videos/none.mp4' })
  await bad('empty', { video: old.file('videos/empty.mp4', '') })
  await bad('size', { video: old.file('videos/short.mp4', 'short'), size: 9 })
  await bad('escape', { video: '../secret.mp4' })
  await bad('hidden escape', { video: 'videos/../../secret.mp4' })
  await bad('absolute', { video: join(old.media, '..', 'secret.mp4') })
  await bad('link', { video: 'link.mp4' })
  await bad('link on the way', { video: 'up/secret.mp4' })
  await bad('folder', { video: 'videos' })
  await bad('nothing', {})
  await bad('address elsewhere', { video: 'https://bucket.example.com/a.mp4' })
  await bad('good', { video: old.file('videos/good.mp4', 'good') })
  await bad('good address', { video: 'https://old.example.com/media/videos/a%20b.mp4' })
  old.file('videos/a b.mp4', 'good too')
  await bad('odd time', { video: 'videos/good.mp4', last_played: 'yesterday' })
  await old.insert('recorder_recording', {
    id: 1,
    session_id: 'a'.repeat(32),
    status: 'recording',
    created_at,
  })
  const chunk = (chunk_number: number, name: string, content?: string) =>
    old.insert('recorder_videochunk', {
      chunk_number,
      recording_id: 1,
      video_chunk: content === undefined ? name : old.file(name, content),
    })
  await old.insert('recorder_recording', {
    id: 2,
    session_id: 'b'.repeat(32),
    status: 'recording',
    created_at,
  })
  await chunk(0, 'c/0', 'zero ')
  await chunk(0, 'c/0b', 'zero ')
  await chunk(2, 'c/2', 'TWO ')
  await chunk(2, 'c/2b', 'two ')
  await chunk(3, 'c/none')
  await chunk(5, 'c/5', 'five')

  const env = { DATA_DIR: throwAwayDirectory('imported'), DATABASE_URL: databaseUrl }
  const args = ['--database', old.database, '--media', old.media]
  const { code, problems, notes, skipped, end } = await runImport(env, ...args)
  t.equal(code, 1)
  const expected: [string, RegExp][] = [
    ['missing', /none.mp4" is missing/],
    ['empty', /empty.mp4" is empty/],
    ['size', /has 5 bytes, but 9 according to the application/],
    ['escape', /leaves the folder/],
    ['hidden escape', /leaves the folder/],
    ['absolute', /is not relative to the folder/],
    ['link', /leaves the folder/],
    ['link on the way', /leaves the folder/],
    ['folder', /is not a file/],
    ['nothing', /it has no file/],
    ['address elsewhere', /is not below \/media\//],
    ['odd time', /"yesterday" \(last played\) cannot be read/],
  ]
  for (const [at, [what, sentence]] of expected.entries()) t.match(problems[at], sentence, what)
  t.match(problems.slice(expected.length), [
    /chunk 2 was received 2 times with different bytes; the last was used/,
    /chunk 3 was skipped: its file "c\/none" is missing/,
    /chunks were never received: 1, 4/,
  ])
  t.match(notes, [/chunk 0 was received 2 times/, /never finished \(recording\)/])
  t.match(skipped, [/^recording .*nothing was recorded/])
  t.match(end, { imported: 4, problems: problems.length })
  t.same(
    (await storedFiles(env.DATA_DIR)).map(file => hash(readFileSync(join(env.DATA_DIR, file)))).sort(),
    ['good', 'good too', 'good', 'zero two five'].map(hash).sort(),
  )

  const other = await djangoApplication()
  t.teardown(() => other.close())
  await other.insert('videos_video', {
    id: 12,
    title: 'Another 12',
    description: '',
    created_at,
    video: other.file('videos/other.mp4', 'other'),
  })
  const clash = await runImport(env, '--database', other.database, '--media', other.media)
  t.match(clash.problems, [/^video 12 .*imported before, from other bytes or another database/])
  t.match(clash.end, { imported: 0, known: 0 })
}

async function interrupted(t: Test, databaseUrl: string): Promise<void> {
  const old = await djangoApplication()
  t.teardown(() => old.close())
  await old.insert('videos_video', {
    title: 'Large',
    description: '',
    created_at: '2024-01-01 00:00:00',
    video: old.file('large.mp4', new Uint8Array(300 * 1024 * 1024)),
  })
  const env = { DATA_DIR: throwAwayDirectory('imported'), DATABASE_URL: databaseUrl }
  const args = ['--database', old.database, '--media', old.media]
  const begun = async () => (await storedFiles(env.DATA_DIR)).length > 0
  t.equal(await runImportUntil(env, args, begun, 'SIGINT'), 130)
  await until(async () => (await storedFiles(env.DATA_DIR)).length === 0)
  t.match((await runImport(env, ...args)).end, { imported: 1 })
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
