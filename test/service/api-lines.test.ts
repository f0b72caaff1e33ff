import { execFile } from 'node:child_process'
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { ApiDocument } from '../support/api-document.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson } from '../support/video-api.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

/** Operations that need headers of tus: docs/clients.md has a script for them. */
const BY_SCRIPT = ['post /uploads', 'head /uploads/{id}', 'patch /uploads/{id}']
/** Operations of browsers that have signed in: sessions.test.ts. */
const OF_BROWSERS = ['post /session', 'get /session', 'delete /session']
const NAMES = ['ID', 'RECORDING', 'WEBHOOK'] as const
type Names = Record<(typeof NAMES)[number], string>

t.test('every route has a line in docs/api.md, and each line works', async t => {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const receiver = await startWebhookReceiver()
  t.teardown(() => receiver.close())
  const service = await startService({
    env: { OPENAI_BASE_URL: speech.baseUrl, WEBHOOK_ALLOW_PRIVATE: 'on' },
  })
  t.teardown(() => service.stop())
  const { url } = service
  const cwd = throwAwayDirectory('readme')
  const talk = await clip({ words: [{ word: 'apple', start: 0.5 }] })
  await writeFile(join(cwd, 'lines.srt'), '1\n00:00:00,500 --> 00:00:01,500\nHello\n')
  await writeFile(join(cwd, 'chapters'), ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=One\n')
  const inputs = ['-i', talk, '-i', 'lines.srt', '-i', 'chapters', '-map', '0:0', '-map', '0:1', '-map', '1']
  const copies = ['-map_chapters', '2', '-c', 'copy', '-c:s', 'mov_text', '-movflags', '+faststart']
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...inputs, ...copies, 'talk.mp4'], { cwd })
  const textOf = async (name: string) =>
    (await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8'))
      .replaceAll('http://127.0.0.1:3000', url)
      .replaceAll('https://example.com/hook', `http://127.0.0.1:${receiver.port}/hook`)
  const api = await textOf('api.md')
  const [, setUp] = /```sh\n(URL=[^`]*)```/.exec(api)!
  const lines = [...api.matchAll(/^\| `(curl [^`]*)` \|/gm)].map(([, line]) => line!)
  const sh = (script: string, env: NodeJS.ProcessEnv = {}) =>
    promisify(execFile)('sh', ['-c', script], { cwd, env: { ...process.env, ...env } })
  const begun = await sh(`${setUp}\necho "$ID $RECORDING $WEBHOOK"`)
  const values = begun.stdout.trim().split(' ')
  const names = Object.fromEntries(NAMES.map((name, at) => [name, values[at]!])) as Names
  await endedVideo(url, names.ID)
  await until(async () => {
    const log = await getJson<{ items: { id: string }[] }>(`${url}/webhooks/${names.WEBHOOK}/deliveries`)
    return log.items.length > 0
  })
  // Without what is made once.
  const definitions = setUp!
    .split('\n')
    .filter(line => !/^[A-Z]+=\$\(/.test(line))
    .join('\n')
  const document = new ApiDocument(await getJson(`${url}/openapi.json`))
  const shown = new Set<string>([...BY_SCRIPT, ...OF_BROWSERS])
  for (const line of lines) {
    const told = `told() { curl -sS -o /dev/null -w '%{stderr}%{method} %{http_code} %{url_effective}\\n' "$@"; }`
    const script = `${definitions}\n${told}\n${line.replace(/^curl/, 'told')}`
    // It ends by its time limit where it follows events.
    const { stderr } = await sh(script, { ...names }).catch(error => {
      if (error.code === 28 && line.includes('/events')) return error as { stderr: string }
      throw error
    })
    const [, method, status, address] = /^(\w+) (\d+) (\S+)$/m.exec(stderr) ?? []
    t.match(status, /^2/, `${line}: ${stderr}`)
    const operation = method && document.operationOf(method, new URL(address!))
    t.ok(operation, line)
    shown.add(operation!)
  }
  const clients = await textOf('clients.md')
  const [, resumable] = /```sh\n(size=[^`]*)```/.exec(clients)!
  await copyFile(join(cwd, 'talk.mp4'), join(cwd, 'holiday.mp4'))
  const uploaded = await sh(`${resumable}\necho "$location"`)
  const { size } = await getJson(url + uploaded.stdout.trim().replace('/uploads/', '/videos/'))
  t.equal(size, (await stat(join(cwd, 'talk.mp4'))).size)
  const [, recorded] = /```sh\n(id=[^`]*)```/.exec(clients)!
  await copyFile(join(cwd, 'talk.mp4'), join(cwd, 'recording.webm'))
  const recording = await sh(`${recorded}\necho; echo "$id"`)
  const id = recording.stdout.trim().split('\n').at(-1)!
  t.equal((await getJson(`${url}/videos/${id}`)).size, size, 'the recording of docs/clients.md is complete')
  const all = Object.entries(document.document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => `${method} ${path}`),
  )
  t.same(
    // docs/api.md describes the old APIs in a paragraph; their test is compatibility.test.ts.
    all.filter(operation => !shown.has(operation) && !operation.includes(' /api/')),
    [],
  )
})
