import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault, startFaultyProxy } from '../test/support/faulty-proxy.ts'
import { startService } from '../test/support/service.ts'
import { throwAwayDirectory } from '../test/support/throw-away-directory.ts'
import { sha256 } from '../test/support/video-api.ts'

// Real clients upload through a network that loses their connections, and resume. The received file must be identical. This is not part of the
// test suite, because it installs packages from PyPI, Maven Central, the Go module proxy and npm, and needs a JDK, Maven, Go and Python.
//
//   npm exec -- node scripts/try-clients.ts [CLIENT...]

const FILE_BYTES = 12_000_000
const CLIENTS = join(import.meta.dirname, 'clients')
const TUS_JS_5 = '5.0.0-pre2'
const TUSPY = '1.1.0'
const TUS_JAVA = '0.5.1'

/** The fault of the first connections of a client, after some bytes. */
const NETWORKS: Readonly<Record<string, (connection: number) => Fault>> = {
  // As when a phone leaves its Wi-Fi: the client notices it, and the server does not.
  frozen: number => (number < 4 ? { kind: 'half-open', after: 3_000_000 } : { kind: 'none' }),
  cut: number => (number < 4 ? { kind: 'cut', after: 3_000_000 } : { kind: 'none' }),
}

interface Client {
  /** Installs the client in a directory. */
  readonly install: (directory: string) => void
  /** The command that uploads. The endpoint and the file are appended. */
  readonly command: (directory: string) => readonly string[]
  readonly more?: readonly string[]
}

const nothing = () => {}
const js = join(CLIENTS, 'tus-js-resume.mjs')
const own = import.meta.resolve('tus-js-client')

const ALL: Readonly<Record<string, Client>> = {
  curl: { install: nothing, command: () => [join(CLIENTS, 'curl-resume.sh')] },
  tuspy: {
    install: directory => {
      run('python3', ['-m', 'venv', directory])
      run(join(directory, 'bin', 'pip'), ['install', '--quiet', `tuspy==${TUSPY}`])
    },
    command: directory => [join(directory, 'bin', 'python'), join(CLIENTS, 'tuspy-resume.py')],
  },
  'tus-java-client': {
    install: directory =>
      run('mvn', [
        ...['-q', '-B', 'dependency:copy', `-DoutputDirectory=${directory}`],
        `-Dartifact=io.tus.java.client:tus-java-client:${TUS_JAVA}`,
      ]),
    command: directory => ['java', '-cp', `${directory}/*`, join(CLIENTS, 'JavaResume.java')],
  },
  'go-tus': {
    install: directory => {
      for (const file of ['go.mod', 'resume.go']) cpSync(join(CLIENTS, file), join(directory, file))
      run('go', ['build', '-mod=mod', '-o', 'resume', '.'], directory)
    },
    command: directory => [join(directory, 'resume')],
  },
  'tus-js-client': { install: nothing, command: () => [process.execPath, js], more: [own] },
  'tus-js-client, the draft': {
    install: nothing,
    command: () => [process.execPath, js],
    more: [own, 'ietf-draft-05'],
  },
  'tus-js-client 5': {
    install: directory => {
      writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
      cpSync(js, join(directory, 'resume.mjs'))
      run('npm', ['install', '--silent', '--no-audit', '--no-fund', `tus-js-client@${TUS_JS_5}`], directory)
    },
    command: directory => [process.execPath, join(directory, 'resume.mjs')],
    more: ['tus-js-client'],
  },
}

function run(command: string, args: readonly string[], cwd?: string): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...(cwd && { cwd }) })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${error ?? status}`)
}

/** Runs a client. @returns its output. @throws Error if it failed. */
async function output([program, ...args]: readonly string[]): Promise<string> {
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 300_000 })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  const code = await new Promise(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(`exit code ${code}`)
  return text.trim()
}

async function tryClient(name: string, { install, command, more = [] }: Client): Promise<boolean> {
  const directory = throwAwayDirectory('client')
  mkdirSync(directory, { recursive: true })
  install(directory)
  let good = true
  for (const [network, faultOf] of Object.entries(NETWORKS)) {
    const bytes = randomBytes(FILE_BYTES)
    const file = join(directory, 'holiday.mp4')
    writeFileSync(file, bytes)
    let broken = 0
    const proxy = await startFaultyProxy(service.url, connection => {
      broken = connection
      return faultOf(connection)
    })
    const verdict = await output([...command(directory), `${proxy.url}/uploads`, file, ...more])
      .then(async location => {
        const id = location.split('/').at(-1)
        const source = await fetch(`${service.url}/videos/${id}/source`)
        return source.ok && sha256(await source.bytes()) === sha256(bytes)
          ? 'right'
          : `WRONG: ${source.status}`
      })
      .catch((error: Error) => `FAILED: ${error.message}`)
    await proxy.close()
    console.log(`${name}, connections ${network}: ${verdict} after ${broken + 1} connections`)
    good &&= verdict === 'right'
  }
  return good
}

const service = await startService()
const wanted = process.argv.slice(2)
let failed = false
for (const [name, client] of Object.entries(ALL)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const good = await tryClient(name, client).catch((error: Error) => {
    console.log(`${name}: not tried: ${error.message}`)
    return false
  })
  failed ||= !good
}
await service.stop()
process.exitCode = failed ? 1 : 0
