import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { COMPILE_CACHE } from '../support/compile-cache.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { freePort } from '../support/free-port.ts'
import { runAtTerminal } from '../support/terminal.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NODE = process.execPath
const MAIN = join(ROOT, 'src', 'main.ts')
const STATE_OF_TERMINAL =
  "stty -a | tr ';' '\\n' | grep -oE -- '-?(echo|icanon|isig) ' | xargs echo terminal:"
const RESTORED = 'terminal: isig icanon echo'

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command without a terminal. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise(resolve => {
    const options = { cwd: ROOT, env: { PATH: process.env['PATH'], ...COMPILE_CACHE, ...env } }
    execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

t.test('--help prints the usage and starts nothing', async t => {
  const dataDir = join(throwAwayDirectory('help'), 'data')
  for (const [command, ...args] of [
    ['./scripts/start', '--help'],
    ['./scripts/start', '-h'],
    [NODE, MAIN, '--help'],
  ] as const) {
    const { code, stdout, stderr } = await run(command, args, { DATA_DIR: dataDir, PORT: '0' })
    t.equal(code, 0, stderr)
    t.match(stdout, /^Usage: \.\/scripts\/start\n/)
    t.match(stdout, 'PORT=3000')
  }
  t.notOk(existsSync(dataDir))
})

t.test('other arguments are refused with what was probably meant', async t => {
  const dataDir = join(throwAwayDirectory('arguments'), 'data')
  const cases: [args: string[], sentence: string][] = [
    [['--hepl'], 'Unknown option --hepl. Did you mean --help?\n'],
    [['--port', '8080'], '--port: settings are environment variables. Try: PORT=8080 ./scripts/start\n'],
    [
      ['--data-dir=/srv'],
      '--data-dir=/srv: settings are environment variables. Try: DATA_DIR=/srv ./scripts/start\n',
    ],
    [['PORTT=3'], 'PORTT=3: settings are environment variables. Try: PORT=3 ./scripts/start\n'],
    [['--nonsense'], 'Unknown option --nonsense. ./scripts/start takes only --help.\n'],
    [['film.mp4'], 'Unknown argument film.mp4. ./scripts/start takes only --help.\n'],
  ]
  for (const [args, sentence] of cases)
    t.match(await run(NODE, [MAIN, ...args], { DATA_DIR: dataDir }), {
      code: 1,
      stdout: '',
      stderr: sentence,
    })
  t.notOk(existsSync(dataDir))
})

interface StartedAtTerminal {
  readonly url: string
  readonly dataDir: string
  readonly opened: string
  readonly terminal: ReturnType<typeof runAtTerminal>
}

async function startAtTerminal(env: NodeJS.ProcessEnv = {}, redirection = ''): Promise<StartedAtTerminal> {
  const directory = throwAwayDirectory('terminal')
  const [dataDir, opened] = [join(directory, 'data'), join(directory, 'opened')]
  await seedEmbeddedDatabase(dataDir)
  writeFileSync(join(directory, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" >${opened}\n`)
  chmodSync(join(directory, 'xdg-open'), 0o755)
  const port = await freePort()
  const terminal = runAtTerminal(
    `trap : INT; ${NODE} ${MAIN} ${redirection}; echo "code $?"; ${STATE_OF_TERMINAL}`,
    {
      env: {
        ...COMPILE_CACHE,
        PATH: `${directory}:${process.env['PATH']}`,
        DATA_DIR: dataDir,
        PORT: String(port),
        SPEECH_ENGINE: 'off',
        ...env,
      },
    },
  )
  return { url: `http://127.0.0.1:${port}`, dataDir, opened, terminal }
}

t.test('at a terminal, the start prints four lines, and single keys work', async t => {
  const { url, dataDir, opened, terminal } = await startAtTerminal()
  await terminal.showing('Keys:')
  t.equal(
    terminal.shown(),
    `Page:        ${url}
API:         ${url}/docs
Data:        ${dataDir}
Transcripts: off, because SPEECH_ENGINE=off. SPEECH_ENGINE=builtin turns them on.
Keys:        o opens the page, q stops, h lists all keys
`,
  )
  t.equal((await fetch(`${url}/videos`)).status, 200)
  t.equal((await fetch(`${url}/videos?limit=x`)).status, 400)
  terminal.type('h')
  await terminal.showing('d  opens the documentation of the API')
  t.notMatch(terminal.shown(), '/videos?', 'no line for a request')
  terminal.type('o')
  await until(() => existsSync(opened) && readFileSync(opened, 'utf8') === url)
  terminal.type('d')
  await until(() => readFileSync(opened, 'utf8') === `${url}/docs`)
  terminal.type('quit, a text that was pasted')
  terminal.type('\x1b[A')
  t.equal((await fetch(`${url}/status`)).status, 200, 'pasted text and arrows do nothing')
  terminal.type('q')
  await terminal.showing(RESTORED)
  t.match(terminal.shown(), 'code 0')
  t.equal(await terminal.exit, 0)
})

t.test('LOG_LEVEL=debug shows requests, and stdin that is no terminal has no keys', async t => {
  const { url, terminal } = await startAtTerminal({ LOG_LEVEL: 'debug' }, '</dev/null')
  await terminal.showing('Transcripts: off')
  await fetch(`${url}/videos?limit=7`)
  await terminal.showing(/request .*\/videos\?limit=7/)
  terminal.type('hq')
  t.equal((await fetch(`${url}/status`)).status, 200)
  t.notMatch(terminal.shown(), /Keys:|lists|opens/)
  terminal.type('\x03')
  await terminal.showing('code 0')
})

/** A program that reads keys as the service does, and ends at once. */
const KEYS = join(throwAwayDirectory('keys'), 'keys.mjs')
mkdirSync(dirname(KEYS), { recursive: true })
writeFileSync(
  KEYS,
  `import { startKeys } from '${join(ROOT, 'src/terminal/keys.ts')}'
  const url = 'http://127.0.0.1:1'
  startKeys({ listening: url, page: url, docs: url + '/docs' })
  setInterval(() => {}, 1000)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
  process.on('SIGUSR2', () => process.exit(3))
  process.on('SIGUSR1', () => { throw new Error('a fault') })
  console.log('my pid is ' + process.pid + '.')`,
)

t.test('the terminal is restored, however the process ends', async t => {
  const typed = { 'Ctrl-C': '\x03', 'Ctrl-\\': '\x1c', 'Ctrl-D': '\x04', q: 'q' }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const
  const ways: Record<string, (terminal: ReturnType<typeof runAtTerminal>) => void> = {
    ...Object.fromEntries(
      Object.entries(typed).map(([name, key]) => [
        name,
        (terminal: { type(keys: string): void }) => terminal.type(key),
      ]),
    ),
    ...Object.fromEntries(
      signals.map(signal => [
        signal,
        (terminal: { shown(): string }) => {
          const [, pid] = /my pid is (\d+)\./.exec(terminal.shown())!
          process.kill(Number(pid), signal)
        },
      ]),
    ),
  }
  await Promise.all(
    Object.entries(ways).map(async ([name, end]) => {
      const terminal = runAtTerminal(`${NODE} ${KEYS}; ${STATE_OF_TERMINAL}`, { env: COMPILE_CACHE })
      await terminal.showing(/my pid is \d+\./)
      end(terminal)
      await terminal.exit
      t.match(terminal.shown(), RESTORED, name)
    }),
  )
})

t.test('Ctrl-Z and the background of a shell', async t => {
  const terminal = runAtTerminal('PS1="ready> " bash --norc --noprofile -i', { env: COMPILE_CACHE })
  await terminal.showing('ready> ')
  terminal.type(`${NODE} ${KEYS}\n`)
  await terminal.showing(/my pid is \d+\./)
  terminal.type('\x1a')
  await terminal.showing('Stopped')
  terminal.type(`${STATE_OF_TERMINAL}\n`)
  await terminal.showing(/^terminal: /m)
  t.match(terminal.shown(), 'icanon echo', 'suspended, it gives the terminal back')
  terminal.type('fg\n')
  // The shell gives it the terminal in the meantime.
  await until(() => {
    terminal.type('h')
    return terminal.shown().includes('d  opens the documentation')
  })
  terminal.type('\x03')
  await terminal.showing(/ready> $/)
  terminal.type(`${NODE} ${KEYS} &\n`)
  await until(() => [...terminal.shown().matchAll(/my pid is (\d+)\./g)].length === 2)
  terminal.type('jobs\n')
  await terminal.showing(/\[1\]\+\s+Running/)
  terminal.type('kill %1; exit\n')
  await terminal.exit
})
