import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readArguments } from '../../scripts/import/arguments.ts'
import { openDjango } from '../../src/importing/django/django-import.ts'
import { MediaFolder } from '../../src/importing/media-folder.ts'
import { clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { storedFiles } from '../support/leftovers.ts'
import { startPostgres } from '../support/postgres.ts'
import { type Env, runImport, runImportUntil } from '../support/run-import.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { stockTusServer, type TusdUpload, writeTusdUpload } from '../support/tus-folders.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { TusWire } from '../support/tus-wire.ts'
import { getJson, sha256 } from '../support/video-api.ts'

const postgres = await startPostgres()
const DATABASE_URL = await postgres.createDatabase()
const { service, keys } = await startGuarded(
  { DATABASE_URL, SWEEP_INTERVAL: '1' },
  {
    alice: { owner: 'alice', scopes: ['read', 'write'] },
    bob: { owner: 'bob', scopes: ['read', 'write'] },
  },
)
t.teardown(async () => {
  await service.stop()
  await postgres.stop()
})
const { url } = service
const env: Env = { DATABASE_URL, DATA_DIR: service.dataDir, AUTH: 'api_key' }
const owned = ['--owner', 'alice']
const wire = new TusWire(url)
const head = (id: string, headers: object = keys.alice) =>
  wire.send('HEAD', `/uploads/${id}`, headers as Record<string, string>)

type Item = { id: string; title: string; filename: string; created_at: string; size: number }
const videos = async (q = '') =>
  (await getJson<{ items: Item[] }>(`${url}/videos?limit=100${q}`, { headers: keys.alice })).items
const sourceOf = async (id: string) =>
  sha256(await (await fetch(`${url}/videos/${id}/source`, { headers: keys.alice })).bytes())
const titled = async (title: string) => (await videos()).filter(video => video.title === title)

t.test('with AUTH the owner has to be named', async t => {
  const { code, stderr } = await runImport(env, '--folder', throwAwayDirectory('empty'))
  t.equal(code, 2)
  t.match(stderr, /--owner/)
})

t.test('a folder of @tus/server: what is unfinished goes on where it was', async t => {
  const folder = throwAwayDirectory('tus-node')
  const old = await stockTusServer(folder)
  const film = readFileSync(await clip({ seconds: 2, container: 'mp3' }))
  const metadata = { filename: 'Früh.mp3', filetype: 'audio/mpeg' }
  const finished = await tusUpload('', film, { endpoint: old.endpoint, metadata }).done
  const part = film.subarray(0, 10_000)
  const begin = async (length: string, more: object = {}) => {
    const answer = await fetch(old.endpoint, {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        [length]: length === 'upload-length' ? `${film.length}` : '1',
        ...more,
      },
    })
    const id = answer.headers.get('location')!.split('/').at(-1)!
    await fetch(`${old.endpoint}/${id}`, {
      method: 'PATCH',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      },
      body: part,
    })
    return id
  }
  const unfinished = await begin('upload-length', { 'upload-metadata': `filename ${btoa('half.mp3')}` })
  const deferred = await begin('upload-defer-length')
  await old.close()

  const { code, end, problems } = await runImport(env, ...owned, '--tus-folder', folder)
  t.equal(code, 0, problems.join('\n'))
  t.match(end, { imported: 3 })
  const [video] = await titled('Früh')
  t.match(video, { filename: 'Früh.mp3', size: film.length })
  t.equal(await sourceOf(video!.id), sha256(film))

  for (const id of [unfinished, deferred]) {
    t.equal((await head(id)).headers['upload-offset'], String(part.length), 'HEAD tells where')
    t.equal((await head(id, keys.bob)).status, 404, 'nobody else sees it')
    t.equal((await head(id, {})).status, 401)
  }
  await tusUpload(url, film, { uploadUrl: `${url}/uploads/${unfinished}`, headers: keys.alice }).done
  const [gone] = await titled('half')
  t.equal(await sourceOf(gone!.id), sha256(film))
  const rest = await wire.patch(`/uploads/${deferred}`, part.length, film.subarray(part.length), {
    ...keys.alice,
    'upload-length': film.length,
  })
  t.equal(rest.status, 204)
  const before = (await videos()).length
  t.match((await runImport(env, ...owned, '--tus-folder', folder)).end, { imported: 0, known: 3 })
  t.equal((await videos()).length, before)
  t.equal(finished.length, 32)
})

t.test('a folder of tusd: parts and finals, odd ids, and what cannot be read', async t => {
  const folder = throwAwayDirectory('tusd')
  const write = (upload: TusdUpload) => writeTusdUpload(folder, upload)
  const hex = (digit: string) => digit.repeat(32)
  const filename = (name: string) => ({ metadata: { filename: name } })
  write({ id: hex('1'), size: 5, bytes: 'whole', ...filename('whole.mp4') })
  write({ id: 'x-Y_z.1~+', size: 6, bytes: 'odd', ...filename('odd.mp4') })
  write({ id: 'team/a', size: 6, bytes: 'sla', ...filename('slash.mp4') })
  write({ id: 'b1f8c1de-0000-4000-8000-000000000001', size: 6, bytes: 'uui', ...filename('uuid.mp4') })
  write({ id: hex('2'), size: undefined, bytes: 'deferred', ...filename('deferred.mp4') })
  // Joined already.
  write({ id: hex('a'), size: 3, bytes: 'one', partial: true })
  write({ id: hex('b'), size: 3, bytes: 'two', partial: true })
  write({ id: hex('c'), size: 6, bytes: 'onetwo', of: [hex('a'), hex('b')], ...filename('joined.mp4') })
  // The server was cut off while it joined them.
  write({ id: hex('d'), size: 3, bytes: 'thr', partial: true })
  write({ id: hex('e'), size: 2, bytes: 'ee', partial: true })
  write({ id: hex('f'), size: 5, bytes: 'thr', of: [hex('d'), hex('e')], ...filename('cut.mp4') })
  // Never joined: the client still does.
  write({ id: hex('3'), size: 4, bytes: 'left', partial: true })
  write({ id: hex('4'), size: 5, bytes: 'ri', partial: true })
  write({ id: hex('5'), size: 3, bytes: 'large' })
  write({ id: hex('6'), size: 3, bytes: undefined })
  write({ id: hex('7'), size: 3, bytes: 'abc', storage: { Type: 's3store', Bucket: 'b', Key: 'k' } })
  write({
    id: hex('8'),
    size: 3,
    bytes: undefined,
    storage: { Type: 'filestore', InfoPath: `/srv/data/${hex('8')}.info`, Path: '/etc/hostname' },
  })
  writeFileSync(join(folder, `${hex('9')}.info`), '{"ID":"')
  writeFileSync(join(folder, `${hex('1')}.lock`), '1')
  writeFileSync(join(folder, 'stray'), 'bytes of nobody')
  writeFileSync(join(folder, 'old.bin'), 'old')
  writeFileSync(
    join(folder, 'old.info'),
    '{"ID":"old","Size":3,"Offset":3,"MetaData":{"filename":"old.mp4"}}',
  )

  const { code, end, problems, skipped } = await runImport(env, ...owned, '--tus-folder', folder)
  t.equal(code, 1)
  for (const sentence of [
    /^upload 5{32}: its file has 5 bytes, but according to its sidecar it has at most 3/,
    /^6{32}.info: its file .* is missing/,
    /^7{32}.info: its bytes are in s3store and not in the folder/,
    /^8{32}.info: .*leaves the folder/,
    /^9{32}.info: its sidecar is not valid JSON/,
    /^stray: it has no sidecar/,
  ])
    t.ok(
      problems.some(problem => sentence.test(problem)),
      `${sentence}`,
    )
  t.equal(problems.length, 6, problems.join('\n'))
  t.equal(skipped.length, 5, 'the parts of finals, and the lock')
  t.match(end, { imported: 10 })
  for (const [title, content] of [
    ['whole', 'whole'],
    ['joined', 'onetwo'],
    ['cut', 'three'],
    ['old', 'old'],
  ] as const) {
    const found = await titled(title)
    t.equal(found.length, 1, title)
    t.equal(await sourceOf(found[0]!.id), sha256(Buffer.from(content)), title)
  }
  const goOn = (id: string, offset: number, body: string, more: object = {}) =>
    wire.patch(`/uploads/${id}`, offset, body, { ...keys.alice, ...more })
  for (const [id, title] of [
    ['x-Y_z.1~+', 'odd'],
    ['team%2Fa', 'slash'],
    ['b1f8c1de-0000-4000-8000-000000000001', 'uuid'],
  ] as const) {
    t.match((await head(id)).headers, { 'upload-offset': '3', 'upload-length': '6' }, id)
    t.equal((await head(id, keys.bob)).status, 404)
    t.equal((await goOn(id, 3, 'end')).status, 204)
    const [video] = await titled(title)
    t.equal(await sourceOf(video!.id), sha256(Buffer.from(`${title.slice(0, 3)}end`)))
    t.equal((await head(id)).headers['upload-offset'], '6', 'a repeated HEAD says that it is complete')
  }
  t.match((await head(hex('2'))).headers, { 'upload-offset': '8', 'upload-defer-length': '1' })
  t.equal((await goOn(hex('2'), 8, '!', { 'upload-length': '9' })).status, 204)
  t.equal((await titled('deferred')).length, 1)

  t.equal((await goOn(hex('4'), 2, 'ght')).status, 204)
  const final = `final;${url}/files/${hex('3')} /files/${hex('4')}`
  const join_ = (headers: object) =>
    wire.send('POST', '/uploads', {
      ...(headers as Record<string, string>),
      'upload-concat': final,
      'upload-metadata': `filename ${btoa('later.mp4')}`,
    })
  t.equal((await join_(keys.bob)).status, 400, 'nobody joins the parts of others')
  t.equal((await join_(keys.alice)).status, 201)
  const [later] = await titled('later')
  t.equal(await sourceOf(later!.id), sha256(Buffer.from('leftright')))

  writeFileSync(join(folder, 'x-Y_z.1~+'), 'oddxx')
  const again = await runImport(env, ...owned, '--tus-folder', folder)
  t.match(again.end, { imported: 0 })
  t.ok(
    again.problems.some(problem => /^upload x-Y.*imported before.*3 bytes, now 5 bytes/.test(problem)),
    'bytes that the old server took afterwards are told',
  )
})

t.test('a plain folder', async t => {
  const folder = throwAwayDirectory('folder')
  const sound = readFileSync(await clip({ seconds: 2, container: 'mp3' }))
  const modified = new Date('2020-02-03T04:05:06Z')
  const file = (path: string, content: Uint8Array | string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
    utimesSync(join(folder, path), modified, modified)
  }
  const names = Array.from({ length: 12 }, (_, n) => `2020/take ${n}.mp3`)
  for (const name of names) file(name, Buffer.concat([sound, Buffer.from(name)]))
  file('no extension', sound)
  file('Interview: part 1.final.bin', sound)
  file('notes.mp4', 'this is a text')
  file('empty.mp4', '')
  file('.hidden.mp3', sound)
  file('2020/half.mp3.part', sound)
  symlinkSync(join(folder, 'no extension'), join(folder, 'link.mp3'))
  symlinkSync(folder, join(folder, '2020', 'circle'))
  const args = [...owned, '--folder', folder]
  const stored = (await storedFiles(service.dataDir)).length
  const killed = await runImportUntil(
    env,
    args,
    async () =>
      (await storedFiles(service.dataDir)).filter(path => path.startsWith('uploads/')).length > stored + 3,
  )
  t.equal(killed, null)
  const { code, end, problems, skipped, stderr } = await runImport(env, ...args)
  t.equal(code, 1, stderr)
  t.match(problems, [/^empty.mp4: it is empty/])
  t.match(skipped, [
    /^.hidden.mp3: it is hidden/,
    /^2020\/circle: it is a link/,
    /^2020\/half.mp3.part: .*temporary/,
    /^link.mp3: it is a link/,
    /^notes.mp4: its content is not video or audio/,
  ])
  t.equal(end!.imported + end!.known, names.length + 2)
  const takes = (await videos()).filter(({ title }) => title.startsWith('take '))
  t.same(takes.map(({ title }) => title).sort(), Array.from({ length: 12 }, (_, n) => `take ${n}`).sort())
  t.equal(takes[0]!.created_at, modified.toISOString(), 'the time of the file')
  t.equal((await titled('Interview: part 1.final')).length, 1)
  t.match((await runImport(env, ...args)).end, { imported: 0, known: names.length + 2 })
  const own = await runImport(env, ...owned, '--folder', join(service.dataDir, 'uploads'))
  t.equal(own.code, 2)
  t.match(own.stderr, /DATA_DIR/)
})

t.test('what cannot be begun is a sentence', async t => {
  const place = throwAwayDirectory('sentences')
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(place, name), content)
    return join(place, name)
  }
  const header = file('header.sqlite3', 'SQLite format 3\0')
  const parts = { mediaUrl: '/media/', timeZone: 'UTC' }
  const choices = { tables: {}, columns: new Map() }
  const django = async (database: string, media = place) => {
    const folder = await MediaFolder.open(media, '--media')
    return openDjango(database, { ...parts, media: folder }, choices)
  }
  for (const [begin, sentence] of [
    [() => django(join(place, 'none.sqlite3')), /none.sqlite3 is missing/],
    [() => django(file('empty.sqlite3', '')), /is empty/],
    [() => django(file('text.sqlite3', 'no database at all')), /not an SQLite database, or it is encrypted/],
    [() => django(header), /SQLite|database/],
    [() => django(place), /not a file/],
    [() => django('postgres://nobody@127.0.0.1:1/x'), /could not be opened .*ECONNREFUSED/],
    [() => django(`${DATABASE_URL}_none`), /could not be opened .*does not exist/],
    [() => django('mysql://root@127.0.0.1/old'), /mysql is not supported/],
    [() => django(DATABASE_URL), /could contain the|No table of videos or recordings/],
    [() => django(header, join(place, 'none')), /--media: the folder .* is missing/],
    [() => MediaFolder.open(header, '--folder'), /--folder: .* is not a folder/],
    [async () => readArguments([]), /Choose one source/],
    [async () => readArguments(['--folder', place, '--tus-folder', place]), /Choose one source/],
    [async () => readArguments(['--database', header]), /--media/],
    [async () => readArguments(['--folder', '']), /name of the source is empty/],
    [async () => readArguments(['--folder', place, '--time-zone', 'Mars/Base']), /not a time zone/],
    [async () => readArguments(['--folder', place, '--column', 'videos.taste=sweet']), /USE.ROLE=COLUMN/],
  ] as const)
    await t.rejects(begin() as Promise<unknown>, { message: sentence }, String(sentence))
  const nowhere = join(place, 'no data here')
  t.equal(
    (await runImport({ DATA_DIR: nowhere }, '--folder', place, '--dry-run')).code,
    1,
    'files that are empty',
  )
  t.notOk(existsSync(nowhere), 'a dry run creates nothing')
  for (const args of [[], ['--flodder', place], ['--folder', header]]) {
    const { code, stderr } = await runImport(env, ...owned, ...args)
    t.equal(code, 2, args.join(' '))
    t.notMatch(stderr, /\n\s+at /, 'no stack trace')
  }
})
