import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { COMPILE_CACHE } from '../support/compile-cache.ts'
import { freePort } from '../support/free-port.ts'
import { startService } from '../support/service.ts'
import { runAtTerminal } from '../support/terminal.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'videos.ts')
const UNKNOWN = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function videos(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const options = { env: { PATH: process.env['PATH'], ...COMPILE_CACHE, LONGTAKE_URL: service.url, ...env } }
  return new Promise(resolve => {
    execFile(process.execPath, [SCRIPT, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

const jsonLines = ({ stdout }: Ended) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

const service = await startService()
t.teardown(() => service.stop())

async function film(title: string, words: string): Promise<string> {
  const { id } = await postVideo(service.url, await clip({ audio: 'none' }), { title })
  await endedVideo(service.url, id)
  const answer = await fetch(`${service.url}/videos/${id}/transcript`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language: 'en', segments: [{ start: 0.2, end: 0.9, text: words }] }),
  })
  if (!answer.ok) throw new Error(`${answer.status}`)
  return id
}

const first = await film('Harbour\tat\nnight', 'The ships are asleep.')
const second = await film(
  'A very long title that does not fit into a narrow terminal at all',
  'Nothing happens.',
)

t.test('list, get and search', async t => {
  const list = await videos(['list'])
  t.equal(list.code, 0, list.stderr)
  const rows = list.stdout
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t'))
  t.match(rows, [
    [second, 'ready', '0:02', / [kM]?B$/, /^\d{4}-\d\d-\d\d$/, /^A very long title .* all$/],
    [first, 'ready', '0:02', String, String, 'Harbour at night'],
  ])
  t.match(jsonLines(await videos(['list', '--json'])), [{ id: second }, { id: first }])
  t.match(jsonLines(await videos(['list', '--limit', '1', '--json'])), [{ id: second }])
  t.same(jsonLines(await videos(['list', '--status', 'failed,uploading', '--json'])), [])

  const get = await videos(['get', `${service.url}/watch/${first}`])
  t.match(get.stdout, /^Title: {7}Harbour at night\nStatus: {6}ready\n/)
  t.match(get.stdout, `Page:        ${service.url}/watch/${first}\n`)
  t.match(jsonLines(await videos(['get', first, '--json'])), [
    { id: first, transcript: 'The ships are asleep.' },
  ])

  t.match(jsonLines(await videos(['search', 'asleep', 'ship', '--json'])), [
    { id: first, moments: [{ start: 0.2 }] },
  ])
  t.match(await videos(['search', 'submarine']), {
    code: 0,
    stdout: '',
    stderr: 'Nothing was found for: submarine\n',
  })
})

t.test('at a terminal, a list is a table, and a search shows moments', async t => {
  const env = { ...COMPILE_CACHE, LONGTAKE_URL: service.url }
  const list = runAtTerminal(`${process.execPath} ${SCRIPT} list`, { env, columns: 94 })
  t.equal(await list.exit, 0)
  const lines = list.shown().trimEnd().split('\n')
  t.match(lines, [/^ID +STATUS {2}LENGTH {2}SIZE +CREATED +TITLE$/, /…$/, /Harbour at night$/])
  t.ok(
    lines.every(line => line.length <= 94),
    list.shown(),
  )
  const search = runAtTerminal(`${process.execPath} ${SCRIPT} search asleep`, { env })
  await search.exit
  t.equal(search.shown(), `${first}  Harbour at night\n     0:00  The ships are asleep.\n`)
})

t.test('captions', async t => {
  t.match(await videos(['captions', first]), { code: 0, stdout: /^WEBVTT\n[\s\S]*The ships are asleep\./ })
  t.match(await videos(['captions', first, '--format', 'srt']), { stdout: /^1\r?\n00:00:00,200 --> / })
  t.match(await videos(['captions', first, '--format', 'txt']), { stdout: 'The ships are asleep.' })
  t.match(jsonLines(await videos(['captions', first, '--json'])), [
    { id: first, format: 'vtt', text: /^WEBVTT/ },
  ])
})

t.test('delete, restore and retry', async t => {
  const deleted = await videos(['delete', UNKNOWN, second])
  t.match(deleted, { code: 1, stdout: `In the bin: ${second} (npm run videos -- restore ${second})\n` })
  t.match(deleted.stderr, new RegExp(`^${UNKNOWN}: The video .*\\n$`))
  t.match(jsonLines(await videos(['list', '--bin', '--json'])), [{ id: second, permanent_at: String }])
  t.match((await videos(['list', '--bin'])).stdout, new RegExp(`^${second}\t`))
  t.match(await videos(['restore', second]), { code: 0, stdout: `Restored: ${second} A very long title` })
  t.match(await videos(['retry', second]), { code: 0, stdout: /^Nothing of .* failed; --step/ })
  t.match(await videos(['retry', second, '--step', 'poster']), { stdout: /^Runs again: poster of / })
  await endedVideo(service.url, second)
  t.match(jsonLines(await videos(['delete', second, '--permanent', '--json'])), [
    { id: second, deleted: 'permanently' },
  ])
  t.same(jsonLines(await videos(['list', '--bin', '--json'])), [])
})

t.test('a mistake gets one sentence, which says what to do', async t => {
  const nobody = `http://127.0.0.1:${await freePort()}`
  const cases: [args: string[], sentence: string | RegExp][] = [
    [[], 'Name a command: list, search, get, captions, delete, restore, retry (see --help).'],
    [['serach', 'x'], 'Unknown command "serach". Did you mean search?'],
    [['frobnicate'], /^Unknown command "frobnicate"\. Commands: list, search/],
    [['list', '--limti', '3'], "Unknown option '--limti'. Did you mean --limit?"],
    [['list', '--limit', 'many'], '--limit must be a number of videos from 1, not "many".'],
    [['list', 'harbour'], 'list takes no names. To search: npm run videos -- search harbour'],
    [['list', '--status', 'redy'], /^status must be one of uploading, processing, ready, failed/],
    [['search'], 'Name the words to search: npm run videos -- search WORDS'],
    [['get'], 'Name the video: npm run videos -- get ID (list prints the ids).'],
    [['get', '12'], '"12" is no id of a video (npm run videos -- list prints the ids).'],
    [['get', first, second], 'get takes one video, not 2.'],
    [['get', UNKNOWN], /^The video .*\.$/],
    [['get', first, '--permanent'], 'get has no option --permanent (see --help).'],
    [['captions', first, '--format', 'pdf'], '--format must be one of vtt, srt, txt, not "pdf".'],
    [['captions', UNKNOWN], /^The video .*\.$/],
    [['retry', first, '--step', 'dance'], /step must be one of probe/],
    [
      ['list', '--url', 'example.com'],
      '--url must be an address such as http://127.0.0.1:3000, not "example.com".',
    ],
    [
      ['list', '--url', nobody],
      `${nobody} cannot be reached: connection refused. Start Longtake (./scripts/start), or name another server with --url.`,
    ],
  ]
  await Promise.all(
    cases.map(async ([args, sentence]) => {
      const { code, stdout, stderr } = await videos(args)
      const name = args.join(' ')
      t.equal(code, 1, name)
      t.equal(stdout, '', name)
      t.match(stderr, /^[^\n]+\n$/, `${name}: one line`)
      t.match(stderr.trimEnd(), sentence, name)
    }),
  )
  t.match(await videos(['list'], { LONGTAKE_URL: 'nowhere' }), { stderr: /^LONGTAKE_URL must be an address/ })
  t.match(await videos(['--help']), { code: 0, stdout: /^Usage: npm run videos -- COMMAND/ })
})

t.test('sign-in', async t => {
  const guarded = await startService({ env: { AUTH: 'api_key' } })
  t.teardown(() => guarded.stop())
  const none = await videos(['list'], { LONGTAKE_URL: guarded.url })
  t.equal(none.code, 1)
  t.match(none.stderr, /^[^\n]* Set LONGTAKE_KEY to an API key or a token\.\n$/)
  const wrong = await videos(['list'], { LONGTAKE_URL: guarded.url, LONGTAKE_KEY: 'longtake_wrong' })
  t.match(wrong.stderr, /^[^\n]* Check the key in LONGTAKE_KEY\.\n$/)
})
