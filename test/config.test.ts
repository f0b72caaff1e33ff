import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import t from 'tap'
import { CONFIGURATION_FILE, configurationDocument } from '../scripts/settings.ts'
import { StartError } from '../src/base/errors.ts'
import { loadConfig } from '../src/config/load.ts'
import { SETTINGS } from '../src/config/settings.ts'
import { COMPILE_CACHE } from './support/compile-cache.ts'
import { seedEmbeddedDatabase } from './support/embedded-database.ts'
import { startPostgres } from './support/postgres.ts'
import { startService } from './support/service.ts'
import { throwAwayDirectory } from './support/throw-away-directory.ts'

const DATABASE_URL = 'postgres://me:secret@127.0.0.1/longtake'

t.test('without any setting', async t => {
  t.match(loadConfig({}), {
    host: '127.0.0.1',
    port: 3000,
    publicUrl: undefined,
    dataDir: join(process.cwd(), 'data'),
    role: 'all',
    databaseUrl: undefined,
    natsUrl: undefined,
    speechToText: undefined,
    builtinSpeech: { model: 'base', modelDir: undefined, isAutomatic: true },
    maxUploadSize: 50 * 2 ** 30,
    uploadExpiry: 7 * 86_400,
    allowedOrigins: [],
    logLevel: 'info',
  })
  // An empty DATA_DIR is refused: a script with a mistake in it should not fill ./data.
  const others = Object.keys(SETTINGS).filter(name => name !== 'DATA_DIR')
  const empty = Object.fromEntries(others.map(name => [name, ' ']))
  t.same(loadConfig(empty), loadConfig({}), 'empty is unset, as compose files have it')
  t.ok(Object.isFrozen(loadConfig({})))
})

t.test('docs/configuration.md lists the settings as they are', async t => {
  t.equal(await readFile(CONFIGURATION_FILE, 'utf8'), configurationDocument(), 'npm run settings writes it')
})

t.test('STORAGE_URL names a bucket', async t => {
  const read = (STORAGE_URL: string) => loadConfig({ STORAGE_URL }).storageUrl
  t.match(read('s3://videos'), { bucket: 'videos', prefix: '', region: 'us-east-1', pathStyle: false })
  t.match(read('s3://videos/a/b/?endpoint=http://127.0.0.1:9000/&region=eu&sse=aws:kms&kms_key=k'), {
    prefix: 'a/b/',
    endpoint: 'http://127.0.0.1:9000',
    region: 'eu',
    pathStyle: true,
    encryption: 'aws:kms',
    kmsKey: 'k',
  })
  t.match(read('s3://videos?endpoint=https://s3.example.com&path_style=off'), { pathStyle: false })
  const wrong: Record<string, RegExp> = {
    'file:///tmp': /begins with s3:/,
    's3:///prefix': /name a bucket/,
    's3://Videos': /name a bucket/,
    's3://key:secret-value@videos': /must not contain credentials/,
    's3://videos/a b': /prefix/,
    's3://videos?endpint=http://x': /unknown option "endpint"/,
    's3://videos?endpoint=ftp://x': /endpoint/,
    's3://videos?endpoint=https://me:secret@x': /endpoint/,
    's3://videos?path_style=yes': /path_style/,
    's3://videos?sse=aes': /sse/,
    's3://videos?kms_key=k': /kms_key/,
  }
  for (const [url, message] of Object.entries(wrong)) {
    t.throws(() => read(url), { name: 'StartError', message }, url)
    t.throws(() => read(url), { message: /^STORAGE_URL (?!.*secret)/ })
  }
  t.throws(() => loadConfig({ STORAGE_URL: 's3://videos', ACCEL_REDIRECT: '/stored' }), /ACCEL_REDIRECT/)
  t.throws(() => loadConfig({ STORAGE_URL: 's3://videos', AWS_ACCESS_KEY_ID: 'a' }), /set together/)
})

t.test('right values', async t => {
  const sizes = { 1: 1, '500MB': 5e8, '1 GiB': 2 ** 30, '2TiB': 2 * 2 ** 40, '10kB': 10_000, '7B': 7 }
  for (const [text, bytes] of Object.entries(sizes))
    t.equal(loadConfig({ MAX_UPLOAD_SIZE: text }).maxUploadSize, bytes, text)
  const times = { 1: 1, '90s': 90, '30m': 1800, '24h': 86_400, '7d': 604_800 }
  for (const [text, seconds] of Object.entries(times))
    t.equal(loadConfig({ UPLOAD_EXPIRY: text }).uploadExpiry, seconds, text)
  t.equal(loadConfig({ PUBLIC_URL: 'https://a.example/b//' }).publicUrl, 'https://a.example/b')
  t.equal(loadConfig({ PORT: '0' }).port, 0)
  for (const ROLE of ['api', 'worker', 'all']) t.equal(loadConfig({ ROLE, DATABASE_URL }).role, ROLE)
  t.same(loadConfig({ ALLOWED_HOSTS: 'NAS.local, bücher.example.' }).allowedHosts, [
    'nas.local',
    'xn--bcher-kva.example',
  ])
  t.same(loadConfig({ ALLOWED_ORIGINS: 'https://a.example, http://b.example:8080,' }).allowedOrigins, [
    'https://a.example',
    'http://b.example:8080',
  ])
  const service = { OPENAI_BASE_URL: 'http://127.0.0.1:9000/v1' }
  const engines: Record<string, [openai: boolean, builtin: boolean]> = {
    auto: [true, false],
    openai: [true, false],
    builtin: [false, true],
    off: [false, false],
  }
  for (const [SPEECH_ENGINE, [openai, builtin]] of Object.entries(engines)) {
    const { speechToText, builtinSpeech } = loadConfig({ ...service, SPEECH_ENGINE })
    t.same([speechToText !== undefined, builtinSpeech !== undefined], [openai, builtin], SPEECH_ENGINE)
  }
  t.match(loadConfig({ SPEECH_ENGINE: 'builtin', SPEECH_MODEL: './own' }).builtinSpeech, {
    model: join(process.cwd(), 'own'),
    isAutomatic: false,
  })
  t.match(loadConfig({ OPENAI_BASE_URL: 'http://127.0.0.1:9000/v1' }).speechToText, { model: 'whisper-1' })
  t.match(loadConfig({ OPENAI_API_KEY: 'sk-1' }).speechToText, {
    apiKey: 'sk-1',
    baseUrl: undefined,
    maxSeconds: undefined,
    maxBytes: undefined,
    concurrency: 3,
    check: true,
  })
  const limits = {
    TRANSCRIBE_MAX_SECONDS: '5m',
    TRANSCRIBE_MAX_SIZE: '2MB',
    TRANSCRIBE_CONCURRENCY: '8',
    TRANSCRIBE_CHECK: 'off',
  }
  t.match(loadConfig({ OPENAI_API_KEY: 'sk-1', ...limits }).speechToText, {
    maxSeconds: 300,
    maxBytes: 2e6,
    concurrency: 8,
    check: false,
  })
})

t.test('104 answers are left out if the settings tell of a proxy', async t => {
  const { uploadInformational: alone } = loadConfig({})
  t.equal(alone, 'direct')
  for (const behind of [
    { PUBLIC_URL: 'https://video.example.com' },
    { TRUSTED_PROXIES: '10.0.0.0/8' },
    { ACCEL_REDIRECT: '/stored' },
  ]) {
    t.equal(loadConfig(behind).uploadInformational, 'never')
    t.equal(loadConfig({ ...behind, UPLOAD_INFORMATIONAL: 'on' }).uploadInformational, 'always')
  }
  t.equal(loadConfig({ UPLOAD_INFORMATIONAL: 'off' }).uploadInformational, 'never')
})

t.test('web pages of other origins', async t => {
  t.match(
    loadConfig({ CORS_HEADERS: 'X-A, x_b', ALLOWED_ORIGINS: 'https://a.example', CORS_CREDENTIALS: 'on' }),
    {
      corsHeaders: ['X-A', 'x_b'],
      corsCredentials: true,
    },
  )
  const error = caught(() => loadConfig({ CORS_CREDENTIALS: 'on', ALLOWED_ORIGINS: 'https://a.example,*' }))
  t.match(error?.message, /^CORS_CREDENTIALS=on with ALLOWED_ORIGINS=\*/)
})

const WRONG: Partial<Record<keyof typeof SETTINGS, readonly string[]>> = {
  PORT: ['-1', '65536', '80.5', '0x50', 'http', '1e3', '3000 3001'],
  PUBLIC_URL: ['example.com', 'ftp://example.com', '/videos', 'https://'],
  ROLE: ['both', 'API', 'api,worker', 'constructor'],
  DATABASE_URL: ['localhost', 'mysql://me:secret@localhost/x', 'postgres//me:secret@localhost'],
  NATS_URL: [
    'localhost:4222',
    'http://me:secret@localhost',
    'nats://a:4222,',
    'nats://a:4222,http://me:secret@b',
  ],
  OPENAI_BASE_URL: ['localhost:9000', 'file:///etc/passwd'],
  TRANSCRIBE_MAX_SECONDS: ['0', '-1', 'x', '1e3'],
  TRANSCRIBE_MAX_SIZE: ['0', 'x', '25 megabytes'],
  TRANSCRIBE_CONCURRENCY: ['0', '33', '1.5', 'many'],
  TRANSCRIBE_CHECK: ['yes', '1'],
  TRANSCRIBE_TIMEOUT: ['0', '10 minutes', 'Infinity'],
  MAX_UPLOAD_SIZE: ['0', '-1', '1.5GB', '1e9', '10gb', '999999999999TiB', 'constructor', '5 apples'],
  UPLOAD_EXPIRY: ['0', 'never', '7 days', '1w', '-1'],
  SWEEP_INTERVAL: ['0', 'x'],
  UPLOAD_INFORMATIONAL: ['yes', 'true'],
  CORS_HEADERS: ['*', 'X Trace', 'a:b', 'é'],
  CORS_CREDENTIALS: ['true', '*'],
  WEBHOOK_ALLOW_PRIVATE: ['yes'],
  ALLOWED_ORIGINS: ['example.com', 'https://example.com/', 'https://a.example,b', 'null'],
  ALLOWED_HOSTS: ['https://a.example', 'a.example:80', '*', '*.example', 'a b', 'a.example/x', 'u@a.example'],
  EMBED_ORIGINS: ['example.com'],
  ACCEL_REDIRECT: ['stored', '/stored/', '/a b', '/'],
  AUTH: ['key', 'basic', 'NONE'],
  OIDC_ISSUER: [
    'login.example',
    'http://login.example',
    'http://127.0.0.1.example',
    'https://user@login.example',
    'https://login.example?a=b',
    'https://login.example/#a',
    'https://login.example/.well-known/openid-configuration',
  ],
  ALLOW_UNAUTHENTICATED: ['true'],
  LINK_SECRETS: ['secret', `${'x'.repeat(32)},secret`],
  RATE_LIMIT: ['0', '-1', '1/s'],
  TRUSTED_PROXIES: ['proxy', '10.0.0.0/33', '10.0.0', '::1/200', '10.0.0.1/8/8'],
  MAX_UNFINISHED_UPLOADS: ['0', 'x'],
  STORAGE_QUOTA: ['0', 'all'],
  LOG_LEVEL: ['verbose', 'INFO', '30'],
}

t.test('wrong values are refused by a sentence that names the variable', async t => {
  for (const [name, values] of Object.entries(WRONG)) {
    for (const value of values) {
      const error = caught(() => loadConfig({ [name]: value }))
      t.ok(error instanceof StartError, `${name}=${value} is refused`)
      t.match(error?.message, new RegExp(`^${name}\\b.*\\.$`))
      t.notMatch(error?.message, 'secret', 'a password is not repeated')
    }
  }
  for (const ROLE of ['api', 'worker'])
    t.match(caught(() => loadConfig({ ROLE }))?.message, /^ROLE=.*DATABASE_URL/, ROLE)
})

const JWT = {
  AUTH: 'jwt',
  JWT_ALGORITHM: 'HS256',
  JWT_SECRET: 's'.repeat(32),
  JWT_ISSUER: 'https://id.example',
  JWT_AUDIENCE: 'longtake',
}

const OIDC = {
  PUBLIC_URL: 'https://video.example',
  OIDC_ISSUER: 'https://id.example/o/main/',
  OIDC_CLIENT_ID: 'longtake',
  OIDC_CLIENT_SECRET: 'a secret',
}

t.test('who is let in', async t => {
  t.match(loadConfig({ ...OIDC, HOST: '0.0.0.0' }), {
    auth: { kind: 'api_key' },
    rateLimit: 3000,
    oidc: { issuer: OIDC.OIDC_ISSUER, clientId: 'longtake', clientSecret: 'a secret' },
  })
  t.match(loadConfig({ ...OIDC, ...JWT }), { auth: { kind: 'jwt' }, oidc: { publicUrl: OIDC.PUBLIC_URL } })
  t.equal(loadConfig(JWT).oidc, undefined)
  for (const OIDC_ISSUER of ['http://127.0.0.1:8080/realms/main', 'http://localhost:1', 'http://[::1]:1'])
    t.match(loadConfig({ ...OIDC, OIDC_ISSUER }).oidc, { issuer: OIDC_ISSUER })
  t.match(loadConfig({}), { auth: { kind: 'none' }, rateLimit: undefined, storageQuota: undefined })
  t.match(loadConfig({ AUTH: 'api_key', HOST: '0.0.0.0' }), { auth: { kind: 'api_key' }, rateLimit: 3000 })
  t.equal(loadConfig({ AUTH: 'api_key', RATE_LIMIT: 'off' }).rateLimit, undefined)
  t.match(loadConfig(JWT).auth, { jwt: { algorithm: 'HS256', key: { secret: JWT.JWT_SECRET } } })
  const keySet = {
    ...JWT,
    JWT_ALGORITHM: 'ES256',
    JWT_SECRET: undefined,
    JWT_JWKS_URL: 'https://id.example/keys',
  }
  t.match(loadConfig(keySet).auth, { jwt: { key: { jwksUrl: 'https://id.example/keys' } } })
  for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) t.equal(loadConfig({ HOST }).host, HOST)
  for (const HOST of ['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.example.com', 'video.example.com']) {
    t.match(caught(() => loadConfig({ HOST }))?.message, /^AUTH=none .*ALLOW_UNAUTHENTICATED/, HOST)
    t.equal(loadConfig({ HOST, ALLOW_UNAUTHENTICATED: 'on' }).host, HOST)
  }
  t.equal(loadConfig({ HOST: '0.0.0.0', ROLE: 'worker', DATABASE_URL }).role, 'worker', 'it does not listen')
  const wrong: [env: Record<string, string | undefined>, name: string][] = [
    [{ ...JWT, JWT_ALGORITHM: 'none' }, 'JWT_ALGORITHM'],
    [{ ...JWT, JWT_ALGORITHM: undefined }, 'JWT_ALGORITHM'],
    [{ ...JWT, JWT_SECRET: undefined }, 'JWT_SECRET'],
    [{ ...JWT, JWT_SECRET: 'secret' }, 'JWT_SECRET'],
    [{ ...JWT, JWT_JWKS_URL: 'https://id.example/keys' }, 'JWT_JWKS_URL'],
    [{ ...JWT, JWT_ISSUER: undefined }, 'JWT_ISSUER'],
    [{ ...JWT, JWT_AUDIENCE: undefined }, 'JWT_AUDIENCE'],
    [{ ...keySet, JWT_SECRET: JWT.JWT_SECRET }, 'JWT_SECRET'],
    [{ ...keySet, JWT_JWKS_URL: undefined }, 'JWT_JWKS_URL'],
    [{ ...keySet, JWT_JWKS_URL: 'file:///keys' }, 'JWT_JWKS_URL'],
    [{ ...OIDC, OIDC_ISSUER: undefined }, 'OIDC_ISSUER'],
    [{ ...OIDC, OIDC_CLIENT_ID: undefined }, 'OIDC_ISSUER'],
    [{ ...OIDC, OIDC_CLIENT_SECRET: '' }, 'OIDC_ISSUER'],
    [{ ...OIDC, PUBLIC_URL: undefined }, 'OIDC_ISSUER'],
    [{ ...OIDC, AUTH: 'none' }, 'OIDC_ISSUER'],
  ]
  for (const [env, name] of wrong) {
    const message = caught(() => loadConfig(env))?.message
    t.match(message, new RegExp(`^${name}\\b.*\\.$`))
    t.notMatch(message, '"secret"')
  }
})

/** Starts the program where it is expected to end by itself. */
async function failedStart(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const dataDir = throwAwayDirectory('data')
  if (!env['DATA_DIR'] && !env['DATABASE_URL']) await seedEmbeddedDatabase(dataDir)
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'src', 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      ...COMPILE_CACHE,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
  const [code] = await once(child, 'close')
  return { code, output: output.trim() }
}

t.test('the program ends with that sentence, exit code 1 and no stack trace', async t => {
  const running = await startService()
  t.teardown(() => running.stop())
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const file = join(mkdtempSync(join(throwAwayDirectory('files'), 'x-')), 'file')
  writeFileSync(file, '')
  const untouched = join(dirname(file), 'untouched')
  const postgres = await startPostgres()
  t.teardown(() => postgres.stop())

  const cases: Record<string, { env: Record<string, string>; sentence: RegExp }> = {
    'a wrong value': {
      env: { MAX_UPLOAD_SIZE: '5 apples' },
      sentence: /^MAX_UPLOAD_SIZE must be .*"5 apples"\.$/,
    },
    'a worker alone on the embedded database': {
      env: { ROLE: 'worker' },
      sentence: /^ROLE=worker .* set DATABASE_URL .*\.$/,
    },
    'a data directory in use': {
      env: { DATA_DIR: running.dataDir },
      sentence: /^The data directory \S+ is in use by another Longtake process\. .*DATA_DIR.*\.$/,
    },
    'a data directory that is a file': { env: { DATA_DIR: file }, sentence: /^DATA_DIR: .*\.$/ },
    'a data directory below a file': {
      env: { DATA_DIR: join(file, 'x', 'y') },
      sentence: /^DATA_DIR: .*\.$/,
    },
    'a data directory in a file system that takes none': {
      env: { DATA_DIR: '/proc/x/y' },
      sentence: /^DATA_DIR: .*\/proc\/x.*\.$/,
    },
    'a data directory with too long a name': {
      env: { DATA_DIR: join(dirname(file), 'x'.repeat(300)) },
      sentence: /^DATA_DIR: .{1,250}ENAMETOOLONG.*\.$/,
    },
    'a data directory without a name': { env: { DATA_DIR: ' ' }, sentence: /^DATA_DIR is empty.*\.$/ },
    'a port in use': {
      env: { PORT: String(port), DATA_DIR: untouched },
      sentence: new RegExp(`^PORT: 127\\.0\\.0\\.1:${port} is in use.*\\.$`),
    },
    'an address of another machine': {
      env: { DATA_DIR: untouched, HOST: '192.0.2.1', ALLOW_UNAUTHENTICATED: 'on' },
      sentence: /^HOST: 192\.0\.2\.1 .*\.$/,
    },
    'everybody let in': {
      env: { HOST: '0.0.0.0' },
      sentence: /^AUTH=none .*HOST=0\.0\.0\.0 .*AUTH=api_key.*\.$/,
    },
    'a database that is not there': {
      env: { DATABASE_URL: postgres.url('nowhere') },
      sentence: /^DATABASE_URL: .*nowhere.*\.$/,
    },
  }
  const starts = Object.entries(cases).map(async ([name, { env, sentence }]) => {
    const { code, output } = await failedStart({ LOG_LEVEL: 'fatal', ...env })
    t.equal(code, 1, name)
    t.match(output, sentence, name)
    t.equal(output.split('\n').length, 1, `one line: ${output}`)
  })
  await Promise.all(starts)
  t.notOk(existsSync(untouched), 'a wrong address is told before anything is created')
  t.equal((await fetch(`${running.url}/status`)).status, 200, 'and the one that runs is not disturbed')
})

function caught(work: () => unknown): Error | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return error as Error
  }
}
