import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { copyFile, readdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { startChildProgram } from '../support/child-program.ts'
import { clip } from '../support/clips.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { freePort } from '../support/free-port.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { endedVideo, getJson } from '../support/video-api.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** These would run all tests, this one among them. */
const NOT_RUN = ['./scripts/test']
/** Not in the newcomer's copy of the checkout: files that the commands make. */
const OWN = ['data', '.git', '.tap']

t.test('every command in the README works as printed, from the top to the bottom', async t => {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const cwd = throwAwayDirectory('readme')
  for (const name of await readdir(ROOT)) {
    if (!OWN.includes(name)) await symlink(join(ROOT, name), join(cwd, name))
  }
  await copyFile(await clip({ words: [{ word: 'apple', start: 0.5 }] }), join(cwd, 'holiday.mp4'))
  await seedEmbeddedDatabase(join(cwd, 'data'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const readme = (await readFile(join(ROOT, 'README.md'), 'utf8'))
    .replaceAll('http://127.0.0.1:3000', url)
    .replaceAll('http://127.0.0.1:8000/v1', speech.baseUrl)
    .replaceAll('Systran/faster-whisper-small', 'whisper-1')
  const commands = [...readme.matchAll(/```sh\n([^`]*)```/g)].flatMap(([, block]) =>
    block!.trim().split('\n'),
  )
  // A service with a key alone would call OpenAI.
  // The built-in engine has tests of its own, with a real model.
  const settings = { PORT: String(port), TRANSCRIBE_CHECK: 'off', OPENAI_BASE_URL: speech.baseUrl }
  let service: Awaited<ReturnType<typeof startedBy>> | undefined
  t.teardown(() => service?.end('SIGTERM'))
  let starts = 0
  for (const command of commands.filter(command => !NOT_RUN.includes(command))) {
    if (command.endsWith('./scripts/start')) {
      await service?.end('SIGTERM')
      service = await startedBy(
        command,
        cwd,
        starts++ === 0 ? { PORT: String(port), SPEECH_ENGINE: 'off' } : settings,
      )
      t.match(await getJson(`${url}/status`), { status: 'ok' }, command)
    } else {
      const ID = (await getJson<{ items: { id: string }[] }>(`${url}/videos`)).items[0]?.id
      // The service of the test has another port than the default of the terminal client.
      const script = command
        .replace(/^curl /, 'curl -sS --fail-with-body ')
        .replace(/^npm run (upload|videos) -- /, `$&--url ${url} `)
      const run = promisify(execFile)('sh', ['-c', script], { cwd, env: { ...environment(), ID } })
      const { stdout } = await run.catch(error => {
        // It ends by its time limit, because it follows events.
        if (error.code === 28 && command.includes('/events')) return error as { stdout: string }
        throw error
      })
      if (command.startsWith('npm run upload') && command.includes('Holiday')) {
        t.match(await getJson(`${url}/videos`), { items: [{ title: 'Holiday', status: 'ready' }] }, command)
      }
      if (command.includes('/events')) t.match(stdout, /^event: /m, command)
      if (command.includes('?q=')) t.match(stdout, '"title":"Holiday"', command)
      if (command.includes('/retry')) {
        await endedVideo(url, ID!)
        t.match(await getJson(`${url}/videos/${ID}/transcript`), { text: /apple/ }, command)
      }
    }
  }
  t.equal(starts, 4, 'once without transcripts, three times with them')
  for (const command of NOT_RUN) t.ok(commands.includes(command), `${command} is in the README`)
})

t.test('links in the documentation lead somewhere', async t => {
  for (const name of ['README.md', ...globSync('docs/*.md', { cwd: ROOT })]) {
    const text = await readFile(join(ROOT, name), 'utf8')
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path, anchor] = target!.split('#')
      const file = path ? join(ROOT, dirname(name), path) : join(ROOT, name)
      const content = await readFile(file, 'utf8').catch(() => undefined)
      t.ok(content !== undefined, `${name}: ${target}`)
      if (anchor) t.ok(anchorsOf(content ?? '').includes(anchor), `${name}: ${target}`)
    }
  }
})

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

async function startedBy(command: string, cwd: string, settings: Record<string, string>) {
  return startChildProgram({
    command: 'sh',
    // exec: the signal to end reaches the service and not the shell.
    args: ['-c', `exec env ${command}`],
    spawn: { cwd, env: { ...environment(), ...settings } },
    ready: line => line.includes('"msg":"listening"') || undefined,
    lastSignal: 'SIGKILL',
  })
}

/** Without a developer's own settings, and what tap tells the Node processes that it starts. */
function environment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG']
  return Object.fromEntries(kept.map(name => [name, process.env[name]]))
}
