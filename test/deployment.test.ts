import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { loadConfig } from '../src/config/load.ts'
import { SETTINGS } from '../src/config/settings.ts'
import { storageUrl } from '../src/config/storage-url.ts'
import { parseNatsAddress } from '../src/messaging/nats-address.ts'
import { startChildProgram } from './support/child-program.ts'
import { freePort } from './support/free-port.ts'
import { throwAwayDirectory } from './support/throw-away-directory.ts'

// No container engine runs here: this checks what would only fail on somebody else's machine.

interface ComposeService {
  readonly image: string
  readonly build?: string
  readonly environment?: Record<string, string>
  readonly command?: string[]
  readonly ports?: string[]
  readonly volumes?: string[]
  readonly deploy?: { readonly replicas: number }
  readonly depends_on?: Record<string, { readonly condition: string; readonly required?: boolean }>
  readonly profiles?: string[]
  readonly configs?: { readonly source: string; readonly target: string }[]
  readonly read_only?: boolean
  readonly cap_drop?: string[]
  readonly security_opt?: string[]
  readonly mem_limit?: string
  readonly pids_limit?: number
}

interface Compose {
  readonly services: Record<string, ComposeService>
  readonly configs: Record<string, { readonly content: string }>
  readonly volumes: Record<string, unknown>
}

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const known = (name: string) => Object.hasOwn(SETTINGS, name)
const PASSWORDS: Record<string, string> = { POSTGRES_PASSWORD: 'p0123', NATS_PASSWORD: 'p4567' }
/** Interpolates a value as Compose does if the environment has only the passwords; `$$` is a dollar sign. */
const interpolated = (value: string) =>
  value.replaceAll(/\$\$|\$\{(\w+)(:[-?])([^}]*)\}/g, (whole, name, kind, rest) =>
    whole === '$$' ? '$' : kind === ':-' ? rest : PASSWORDS[name]!,
  )

t.test('compose.yaml', async t => {
  const text = read('compose.yaml')
  const compose: Compose = parse(text, { merge: true })
  const { services } = compose
  const ours = Object.entries(services).filter(([, service]) => service.build)
  t.same(ours.map(([name]) => name).sort(), ['api', 'worker'])

  for (const [name, { environment = {} }] of ours) {
    t.same(
      Object.keys(environment).filter(key => !known(key)),
      [],
      `${name} sets nothing that config.ts does not know`,
    )
    const values = Object.entries(environment).map(([key, value]) => [key, interpolated(value)])
    const config = loadConfig(Object.fromEntries(values))
    t.equal(config.role, name, `${name} starts with the defaults`)
    t.ok(config.databaseUrl && config.natsUrl, `${name} is of the served flavour`)
    t.equal(config.speechToText, undefined, `${name} has no speech-to-text unless it is told of one`)
  }

  const asked = [...text.replaceAll('$$', '').matchAll(/\$\{?(\w+)/g)].map(([, variable]) => variable!)
  t.ok(asked.includes('OPENAI_API_KEY'), 'variables are found')
  const foreign = new Set(asked.filter(variable => !known(variable)))
  // The servers of a cluster share their limits.
  const limits = Object.keys(services)
    .filter(name => !/-\d$/.test(name))
    .map(name => `${name.toUpperCase()}_MEMORY`)
  t.same(
    [...foreign].sort(),
    [...Object.keys(PASSWORDS), ...limits, 'NATS_CONFIG'].sort(),
    'asks for settings, passwords and limits',
  )
  for (const password of Object.keys(PASSWORDS)) {
    t.notMatch(text, `\${${password}:-`, `${password} has no default`)
    t.match(text, `\${${password}:?`, `Compose says how ${password} is made`)
  }
  const exported = [...text.matchAll(/^\s*export (\w+)=/gm)].map(([, variable]) => variable!)
  t.ok(exported.length > 0 && exported.every(known), 'exports settings only')

  const ports = Object.values(services).flatMap(service => service.ports ?? [])
  t.ok(ports.length > 0 && ports.every(port => port.startsWith('127.0.0.1:')), 'is open to this machine only')

  for (const [name, service] of Object.entries(services)) {
    t.same(service.cap_drop, ['ALL'], `${name} has no capability but those it names`)
    t.same(service.security_opt, ['no-new-privileges:true'], name)
    t.ok(service.mem_limit && service.pids_limit, `${name} has limits`)
    t.equal(service.read_only, name !== 'stt', `${name} writes to its volumes only`)
    t.match(
      service.image,
      name === 'stt' || service.build ? /./ : /:\d+\.\d+(\.\d+)?(-|$)/,
      `${name} is pinned to a release`,
    )
  }

  t.equal(services['worker']?.deploy?.replicas, 2)
  t.same(services['api']?.volumes, services['worker']?.volumes, 'api and workers share their data')
  for (const [name, service] of Object.entries(services)) {
    for (const volume of service.volumes ?? []) {
      t.ok(volume.split(':')[0]! in compose.volumes, `${name} keeps its data in the named volume ${volume}`)
    }
    for (const [other, { required }] of Object.entries(service.depends_on ?? {})) {
      const profiles = services[other]?.profiles
      t.ok(
        services[other] && (!profiles || required === false),
        `${name} can start without a profile's ${other}`,
      )
    }
  }
})

t.test('JetStream in compose.yaml', async t => {
  const { services, configs }: Compose = parse(read('compose.yaml'), { merge: true })
  const nats = services['nats']!
  const [config, cluster] = nats.configs ?? []
  t.equal(interpolated(nats.command![1]!), config!.target, 'starts with its configuration')
  const content = configs[config!.source]!.content
  t.match(content, /^\s*sync_interval: always$/m, 'what is acknowledged is on disk')
  const [, directory] = /store_dir: (\S+)/.exec(content) ?? []
  t.ok(
    nats.volumes?.some(volume => volume.endsWith(`:${directory}`)),
    'its store is on the volume',
  )
  // Debian's server checks the rest; it is older than the setting that it does not know.
  const path = join(t.testdir({}), 'nats.conf')
  writeFileSync(path, interpolated(content).replace(/^.*sync_interval.*$/m, ''))
  execFileSync('nats-server', ['-t', '-c', path])
  t.match(content, 'user: longtake', 'asks who connects')
  const clustered = interpolated(configs[cluster!.source]!.content)
  writeFileSync(path, clustered.replace(/^.*sync_interval.*$/m, ''))
  execFileSync('nats-server', ['-t', '-c', path])
  t.match(
    clustered,
    interpolated(content)
      .replace(/\s+#.*$/gm, '')
      .split('jetstream')[0]!,
    'asks the same',
  )
  const members = Object.entries(services).filter(([name]) => name.startsWith('nats'))
  t.equal(members.length, 3)
  const names = members.map(([, { command }]) => command!.at(-1))
  t.equal(new Set(names).size, 3, 'each has a name of its own')
  t.equal(new Set(members.map(([, { volumes }]) => volumes![0])).size, 3, 'and a volume')
  const url = parseNatsAddress(interpolated(services['api']!.environment!['NATS_URL']!))
  t.same(
    url.servers,
    members.map(([name]) => `${name}:4222`),
    'the service knows each',
  )
  for (const [name] of members) t.match(clustered, `nats://${name}:6222`)
  const major = /^nats:2\.(\d+)/.exec(nats.image)
  t.ok(Number(major?.[1]) >= 11, 'knows sync_interval')
})

t.test('the proxy of compose.yaml', async t => {
  const { services, configs }: Compose = parse(read('compose.yaml'), { merge: true })
  const proxy = services['proxy']!
  t.match(proxy.command, ['nginx', '-c', proxy.configs![0]!.target])
  t.same(
    Object.entries(services).flatMap(([name, { ports }]) => (ports ? [name] : [])),
    ['proxy'],
    'alone has a port, so that the others can run several times',
  )
  const content = interpolated(configs[proxy.configs![0]!.source]!.content)
  t.match(content, `listen ${proxy.ports![0]!.split(':').at(-1)};`)
  // Each api process says its name. The resolver is that of Docker, so that addresses take its place here.
  const names = ['one', 'two', 'three']
  const apis = await Promise.all(
    names.map(async name => {
      const server = createServer((request, response) => {
        request.resume().on('end', () => response.end(`${name} ${request.headers['x-forwarded-proto']}`))
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      return server
    }),
  )
  t.teardown(() => apis.map(server => server.close()))
  const port = await freePort()
  const upstream = apis.map(server => `server 127.0.0.1:${(server.address() as AddressInfo).port};`).join(' ')
  const directory = throwAwayDirectory('compose-proxy')
  const config = join(directory, 'nginx.conf')
  writeFileSync(
    config,
    `${process.getuid?.() === 0 ? 'user root;' : ''}${content}`
      .replace('resolver 127.0.0.11 valid=5s;', `upstream api { ${upstream} }`)
      .replace('http://api:3000', 'http://api')
      .replace('listen 8080', `listen 127.0.0.1:${port}`)
      .replaceAll('/tmp/', `${directory}/`)
      .replace('stderr warn', 'stderr notice'),
  )
  const program = await startChildProgram({
    command: 'nginx',
    args: ['-p', directory, '-c', config, '-e', 'stderr'],
    ready: line => line.includes('start worker process') || undefined,
    lastSignal: 'SIGKILL',
  })
  t.teardown(() => program.end('SIGTERM'))
  const answers = new Set<string>()
  for (let n = 0; n < 6; n++) {
    const answer = await fetch(`http://127.0.0.1:${port}/uploads/x`, { method: 'PATCH', body: 'bytes' })
    answers.add(await answer.text())
  }
  t.same(answers, new Set(names.map(name => `${name} http`)), 'sends requests to each api process in turn')
})

t.test('the documentation names services and profiles that exist', async t => {
  const { services }: Compose = parse(read('compose.yaml'), { merge: true })
  const texts = ['README.md', 'compose.yaml', ...readdirSync(join(ROOT, 'docs')).map(name => `docs/${name}`)]
    .filter(path => /\.(md|yaml)$/.test(path))
    .map(read)
    .join('\n')
  const named = (pattern: RegExp) => new Set([...texts.matchAll(pattern)].map(([, name]) => name!))
  const profiles = new Set(Object.values(services).flatMap(({ profiles = [] }) => profiles))
  t.same(named(/--profile (\S+)/g), profiles)
  for (const name of [...named(/--scale (\w+)=/g), ...named(/docker compose (?:exec|logs|restart) (\w+)/g)])
    t.ok(services[name], name)
})

t.test('the S3 service of compose.yaml', async t => {
  const { services }: Compose = parse(read('compose.yaml'), { merge: true })
  const [, documented] = /STORAGE_URL='(s3:\/\/longtake\?[^']+)'/.exec(read('docs/operations.md')) ?? []
  const { bucket, endpoint } = storageUrl(documented!, 'STORAGE_URL')
  const { command } = services['s3']!
  t.ok(command!.includes(`-bucket=${bucket}`))
  const { hostname, port } = new URL(endpoint!)
  t.equal(hostname, 's3')
  t.ok(command!.includes(`-s3.port=${port}`))
  for (const name of ['api', 'worker', 's3'])
    t.match(services[name]!.environment, { AWS_SECRET_ACCESS_KEY: String }, name)
})

t.test('scripts/passwords', async t => {
  const root = t.testdir({ '.env': 'PORT=3000\nNATS_PASSWORD=mine' })
  mkdirSync(join(root, 'scripts'))
  copyFileSync(join(ROOT, 'scripts/passwords'), join(root, 'scripts/passwords'))
  const written = () => {
    execFileSync(join(root, 'scripts/passwords'))
    return readFileSync(join(root, '.env'), 'utf8')
  }
  const first = written()
  t.match(first, /^PORT=3000\nNATS_PASSWORD=mine\nPOSTGRES_PASSWORD=p[0-9a-f]{48}\n$/, 'adds what is missing')
  t.equal(written(), first, 'changes nothing that is there')
  t.equal(statSync(join(root, '.env')).mode & 0o777, 0o600)
})

t.test('the self-hosted speech-to-text', async t => {
  const { services }: Compose = parse(read('compose.yaml'), { merge: true })
  const command = interpolated(services['worker']!.command!.at(-1)!)
  const stt = services['stt']!
  t.same(stt.profiles, ['stt'])
  const [, address] = /OPENAI_BASE_URL=(\S+)/.exec(command) ?? []
  t.equal(address && new URL(address).hostname, 'stt')
  const [, model] = /TRANSCRIBE_MODEL:-([^}]+)\}/.exec(command) ?? []
  t.same(
    JSON.parse(interpolated(stt.environment!['PRELOAD_MODELS']!)),
    [model],
    'has the model that workers ask for',
  )
  t.match(command, /^exec node src\/main\.ts$/m, 'signals reach the program')
})

t.test('Dockerfile', async t => {
  const instructions = read('Dockerfile')
    .replaceAll(/\\\n/g, '')
    .split('\n')
    .filter(line => line && !line.startsWith('#'))
    .map(line => /^(\w+)\s+(.*)$/.exec(line)!.slice(1) as [string, string])
  const all = (instruction: string) =>
    instructions.filter(([name]) => name === instruction).map(([, rest]) => rest)

  const set = all('ENV').flatMap(rest =>
    [...rest.matchAll(/(\w+)=(\S*)/g)].map(([, name, value]) => [name!, value!]),
  )
  t.same(
    set.filter(([name]) => !known(name!)),
    [],
    'sets nothing that config.ts does not know',
  )
  t.equal(Object.fromEntries(set)['DATA_DIR'], all('VOLUME')[0])
  t.same(all('USER'), ['node'])
  const node = JSON.parse(read('package.json')).devDependencies.node
  for (const base of all('FROM').filter(rest => rest.startsWith('node:'))) {
    t.equal(base.split(' ')[0], `node:${node}-bookworm-slim`, 'runs on the pinned Node')
  }
  t.same(JSON.parse(all('CMD')[0]!), ['node', 'src/main.ts'], 'starts the program itself, without a shell')
  t.match(all('HEALTHCHECK')[0], '/health/live')

  const letThrough = read('.dockerignore').split('\n')
  const copied = all('COPY')
    .filter(rest => !rest.startsWith('--from'))
    .flatMap(rest => rest.split(' ').slice(0, -1))
  t.ok(copied.includes('src') && copied.includes('migrations'))
  for (const path of copied) {
    t.ok(existsSync(join(ROOT, path)) && letThrough.includes(`!${path}`), `${path} is there to be copied`)
  }
})

t.test('package-lock.json', async t => {
  const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } =
    JSON.parse(read('package-lock.json'))
  const installed = new Set(Object.keys(packages).map(path => path.split('node_modules/').at(-1)))
  const named = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  )
  t.ok(named.length > 0)
  // npm leaves out what its registry does not have at that moment, and from then on `npm ci` refuses the lock file everywhere.
  t.same(
    named.filter(name => !installed.has(name)),
    [],
    'holds the binaries of every platform',
  )
})

t.test('scripts/node', async t => {
  const own = JSON.parse(read('scripts/node/package.json')).dependencies
  t.equal(own.node, JSON.parse(read('package.json')).devDependencies.node, 'is the same Node')
  t.match(own.npm, /^11\.\d+\.\d+$/)
})

t.test('the commands of the project', async t => {
  for (const path of ['scripts/start', 'scripts/test', '.ci/run']) {
    t.doesNotThrow(() => accessSync(join(ROOT, path), constants.X_OK), `${path} can be run`)
  }
  const lines = read('.ci/run')
    .split('\n')
    .filter(line => line.trim() && !line.startsWith('#'))
  t.equal(lines.at(-1), 'exec ./scripts/test "$@"')
  t.ok(
    lines.slice(0, -1).every(line => /^(set|cd) [^;&|]*$/.test(line)),
    '.ci/run calls ./scripts/test and nothing else',
  )
})
