import { isIPv4, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { StartError } from '../base/errors.ts'

export type Role = 'all' | 'api' | 'worker'

/** Every setting, read once from the environment. Sizes are bytes, durations seconds. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Origin and path prefix under which clients reach the service, without a trailing slash; links are relative where it is undefined. */
  readonly publicUrl: string | undefined
  readonly dataDir: string
  readonly role: Role
  readonly databaseUrl: string | undefined
  readonly natsUrl: string | undefined
  readonly speechToText: SpeechToTextConfig | undefined
  readonly maxUploadSize: number
  readonly uploadExpiry: number
  /** Which uploads get 104 answers (IETF draft), which some proxies take for the final answer: all, those that come directly, or none. */
  readonly uploadInformational: 'always' | 'direct' | 'never'
  /** Whether the APIs of the applications that Longtake replaces are served below `/api`. */
  readonly compatibility: boolean
  readonly sweepInterval: number
  readonly allowedOrigins: readonly string[]
  /** Names besides that of `publicUrl` by which the service may be called without sign-in. In lower case. */
  readonly allowedHosts: readonly string[]
  /** Headers that pages may send and read, besides those of the service. */
  readonly corsHeaders: readonly string[]
  /** Whether pages of `allowedOrigins` may send cookies and other credentials of the browser. */
  readonly corsCredentials: boolean
  /** Whether webhooks may be addresses of this machine and its network. */
  readonly webhookAllowPrivate: boolean
  /** Who may frame the embedded player. */
  readonly embedOrigins: readonly string[]
  /** Path below which nginx, in front of this, has the data directory; undefined where the bytes come from here. */
  readonly accelRedirect: string | undefined
  readonly auth: AuthConfig
  /** The first signs links, all are good; a secret of the database's own where there are none. */
  readonly linkSecrets: readonly string[]
  /** Requests per minute of one credential, or of one address without any; undefined for any number. */
  readonly rateLimit: number | undefined
  /** Addresses whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** Of one owner. */
  readonly maxUnfinishedUploads: number
  /** Of one owner's uploads and videos; undefined for what the disk has. */
  readonly storageQuota: number | undefined
  readonly logLevel: string
}

export type AuthConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'api_key' }
  | { readonly kind: 'jwt'; readonly jwt: JwtConfig }

export interface JwtConfig {
  readonly algorithm: string
  readonly key: { readonly secret: string } | { readonly jwksUrl: string }
  readonly issuer: string
  readonly audience: string
}

export interface SpeechToTextConfig {
  readonly apiKey: string
  readonly baseUrl: string | undefined
  readonly model: string
  /** The longest audio that is sent in one request, in seconds; what the model takes where it is undefined. */
  readonly maxSeconds: number | undefined
  /** The largest request in bytes; what the model takes where it is undefined. */
  readonly maxBytes: number | undefined
  /** Requests at a time, of one worker. */
  readonly concurrency: number
  /** Whether the service is asked at the start what it can do. */
  readonly check: boolean
  /** How long one request may take, in seconds. */
  readonly timeout: number
}

const SECRET_MIN = 32
const SHARED_KEY_ALGORITHM = 'HS256'
const JWT_ALGORITHMS = [SHARED_KEY_ALGORITHM, 'RS256', 'ES256', 'EdDSA']
/** Requests per minute where people are told apart: a page that plays asks for many ranges. */
const RATE_LIMIT = 3000

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** Names of the environment variables that `loadConfig` reads. */
export const SETTINGS = [
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'DATA_DIR',
  'ROLE',
  'DATABASE_URL',
  'NATS_URL',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'TRANSCRIBE_MODEL',
  'TRANSCRIBE_MAX_SECONDS',
  'TRANSCRIBE_MAX_SIZE',
  'TRANSCRIBE_CONCURRENCY',
  'TRANSCRIBE_CHECK',
  'TRANSCRIBE_TIMEOUT',
  'MAX_UPLOAD_SIZE',
  'UPLOAD_EXPIRY',
  'UPLOAD_INFORMATIONAL',
  'COMPATIBILITY',
  'SWEEP_INTERVAL',
  'ALLOWED_ORIGINS',
  'ALLOWED_HOSTS',
  'CORS_HEADERS',
  'CORS_CREDENTIALS',
  'WEBHOOK_ALLOW_PRIVATE',
  'EMBED_ORIGINS',
  'ACCEL_REDIRECT',
  'AUTH',
  'ALLOW_UNAUTHENTICATED',
  'JWT_ALGORITHM',
  'JWT_SECRET',
  'JWT_JWKS_URL',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'LINK_SECRETS',
  'RATE_LIMIT',
  'TRUSTED_PROXIES',
  'MAX_UNFINISHED_UPLOADS',
  'STORAGE_QUOTA',
  'LOG_LEVEL',
] as const

type Setting = (typeof SETTINGS)[number]

/** Empty it most likely comes from a variable of a script that is not set: uploads in ./data would surprise. */
function dataDirectory(value = './data'): string {
  if (value.trim() === '') throw new StartError('DATA_DIR is empty: name a directory, or remove the setting.')
  return resolve(value.trim())
}

/**
 * Reads the settings and refuses what cannot work.
 * @throws StartError whose message names the variable at fault and what it takes.
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const text: Text = name => env[name]?.trim() || undefined
  const auth = authConfig(text)
  const host = text('HOST') ?? '127.0.0.1'
  const config: Config = {
    host,
    port: integer('PORT', text('PORT') ?? '3000', 0, 65_535),
    publicUrl: url('PUBLIC_URL', text('PUBLIC_URL'), ['http:', 'https:']),
    dataDir: dataDirectory(env['DATA_DIR']),
    role: oneOf('ROLE', text('ROLE') ?? 'all', ['all', 'api', 'worker']),
    databaseUrl: url('DATABASE_URL', text('DATABASE_URL'), ['postgres:', 'postgresql:']),
    natsUrl: url('NATS_URL', text('NATS_URL'), ['nats:', 'tls:']),
    speechToText: speechToText(text),
    maxUploadSize: bytes('MAX_UPLOAD_SIZE', text('MAX_UPLOAD_SIZE') ?? '50GiB'),
    uploadExpiry: duration('UPLOAD_EXPIRY', text('UPLOAD_EXPIRY') ?? '7d'),
    uploadInformational: uploadInformational(text),
    compatibility: oneOf('COMPATIBILITY', text('COMPATIBILITY') ?? 'on', ['on', 'off']) === 'on',
    sweepInterval: duration('SWEEP_INTERVAL', text('SWEEP_INTERVAL') ?? '5s'),
    allowedOrigins: origins('ALLOWED_ORIGINS', text('ALLOWED_ORIGINS')),
    allowedHosts: Object.freeze(listOf(text('ALLOWED_HOSTS')).map(hostName)),
    corsHeaders: headerNames('CORS_HEADERS', text('CORS_HEADERS')),
    corsCredentials: oneOf('CORS_CREDENTIALS', text('CORS_CREDENTIALS') ?? 'off', ['on', 'off']) === 'on',
    webhookAllowPrivate:
      oneOf('WEBHOOK_ALLOW_PRIVATE', text('WEBHOOK_ALLOW_PRIVATE') ?? 'off', ['on', 'off']) === 'on',
    embedOrigins: origins('EMBED_ORIGINS', text('EMBED_ORIGINS') ?? '*'),
    accelRedirect: accelRedirect(text('ACCEL_REDIRECT')),
    auth,
    linkSecrets: linkSecrets(text('LINK_SECRETS')),
    rateLimit: rateLimit(text('RATE_LIMIT') ?? (auth.kind === 'none' ? 'off' : String(RATE_LIMIT))),
    trustedProxies: addresses('TRUSTED_PROXIES', text('TRUSTED_PROXIES')),
    maxUnfinishedUploads: integer('MAX_UNFINISHED_UPLOADS', text('MAX_UNFINISHED_UPLOADS') ?? '200', 1, 1e9),
    storageQuota:
      text('STORAGE_QUOTA') === undefined ? undefined : bytes('STORAGE_QUOTA', text('STORAGE_QUOTA')!),
    logLevel: oneOf('LOG_LEVEL', text('LOG_LEVEL') ?? 'info', LOG_LEVELS),
  }
  if (config.role !== 'all' && !config.databaseUrl) {
    throw new StartError(
      `ROLE=${config.role} splits Longtake into processes, and the embedded database serves one process only: ` +
        'set DATABASE_URL to a PostgreSQL server that all of them use, or ROLE=all.',
    )
  }
  requireGuarded(config, text)
  if (config.corsCredentials && config.allowedOrigins.includes('*'))
    throw new StartError(
      'CORS_CREDENTIALS=on with ALLOWED_ORIGINS=* would let every web page act for its visitors: list the origins.',
    )
  return Object.freeze(config)
}

/** What is open to everyone has to be out of everyone's reach, unless that is meant. */
function requireGuarded({ auth, host, role }: Config, text: Text): void {
  const isMeant =
    oneOf('ALLOW_UNAUTHENTICATED', text('ALLOW_UNAUTHENTICATED') ?? 'off', ['on', 'off']) === 'on'
  if (auth.kind !== 'none' || role === 'worker' || isMeant || isLoopback(host)) return
  throw new StartError(
    `AUTH=none lets everyone who reaches HOST=${host} see, change and delete everything: set AUTH=api_key or AUTH=jwt, ` +
      'or ALLOW_UNAUTHENTICATED=on where something in front asks who it is.',
  )
}

/**
 * `auto` leaves 104 out if the settings tell of a proxy: this process speaks no TLS, and only a proxy needs the other two. Requests that came
 * through one are told by their headers.
 */
function uploadInformational(text: Text): Config['uploadInformational'] {
  const value = oneOf('UPLOAD_INFORMATIONAL', text('UPLOAD_INFORMATIONAL') ?? 'auto', ['auto', 'on', 'off'])
  if (value !== 'auto') return value === 'on' ? 'always' : 'never'
  const isBehindProxy =
    text('PUBLIC_URL')?.startsWith('https:') || text('TRUSTED_PROXIES') || text('ACCEL_REDIRECT')
  return isBehindProxy ? 'never' : 'direct'
}

function headerNames(name: Setting, value: string | undefined): readonly string[] {
  const list = listOf(value)
  const bad = list.find(entry => !/^[\w!#$%&'+.^`|~-]+$/.test(entry))
  if (bad === undefined) return Object.freeze(list)
  throw new StartError(`${name} must be a comma-separated list of names of headers, not "${bad}".`)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function authConfig(text: Text): AuthConfig {
  const kind = oneOf('AUTH', text('AUTH') ?? 'none', ['none', 'api_key', 'jwt'])
  return Object.freeze(kind === 'jwt' ? { kind, jwt: jwtConfig(text) } : { kind })
}

function jwtConfig(text: Text): JwtConfig {
  const needed = (name: Setting) => {
    const value = text(name)
    if (value !== undefined) return value
    throw new StartError(`${name} has to be set with AUTH=jwt.`)
  }
  const algorithm = oneOf('JWT_ALGORITHM', needed('JWT_ALGORITHM'), JWT_ALGORITHMS)
  const shared = algorithm === SHARED_KEY_ALGORITHM
  const other = shared ? 'JWT_JWKS_URL' : 'JWT_SECRET'
  if (text(other) !== undefined)
    throw new StartError(`${other} has no use with JWT_ALGORITHM=${algorithm}: unset it.`)
  return Object.freeze({
    algorithm,
    key: shared
      ? { secret: strongSecret('JWT_SECRET', needed('JWT_SECRET')) }
      : { jwksUrl: url('JWT_JWKS_URL', needed('JWT_JWKS_URL'), ['http:', 'https:'])! },
    issuer: needed('JWT_ISSUER'),
    audience: needed('JWT_AUDIENCE'),
  })
}

function linkSecrets(value: string | undefined): readonly string[] {
  return Object.freeze(listOf(value).map(secret => strongSecret('LINK_SECRETS', secret)))
}

/** The value is not repeated. */
function strongSecret(name: Setting, value: string): string {
  if (Buffer.byteLength(value) >= SECRET_MIN) return value
  throw new StartError(`${name} must have at least ${SECRET_MIN} bytes, such as openssl rand -hex 32 makes.`)
}

function accelRedirect(value: string | undefined): string | undefined {
  if (value === undefined || /^(\/[\w.-]+)+$/.test(value)) return value
  throw new StartError(
    `ACCEL_REDIRECT must be a path such as /stored, without a slash at its end, not "${value}".`,
  )
}

function rateLimit(value: string): number | undefined {
  return value === 'off' ? undefined : integer('RATE_LIMIT', value, 1, 1e9)
}

function addresses(name: Setting, value: string | undefined): readonly string[] {
  const list = listOf(value)
  for (const entry of list) {
    const [address = '', bits, ...rest] = entry.split('/')
    const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
    const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width)
    if (width === -1 || !isRange || rest.length > 0) {
      throw new StartError(
        `${name} must be a comma-separated list of addresses such as 10.0.0.5 or 10.0.0.0/8, not "${entry}".`,
      )
    }
  }
  return Object.freeze(list)
}

type Text = (name: Setting) => string | undefined

function speechToText(text: Text): SpeechToTextConfig | undefined {
  const baseUrl = url('OPENAI_BASE_URL', text('OPENAI_BASE_URL'), ['http:', 'https:'])
  const apiKey = text('OPENAI_API_KEY')
  const settings = {
    // A self-hosted server asks for no key, but the client library insists on some.
    apiKey: apiKey ?? 'none',
    baseUrl,
    model: text('TRANSCRIBE_MODEL') ?? 'whisper-1',
    maxSeconds: optional(duration, 'TRANSCRIBE_MAX_SECONDS', text('TRANSCRIBE_MAX_SECONDS')),
    maxBytes: optional(bytes, 'TRANSCRIBE_MAX_SIZE', text('TRANSCRIBE_MAX_SIZE')),
    concurrency: integer('TRANSCRIBE_CONCURRENCY', text('TRANSCRIBE_CONCURRENCY') ?? '3', 1, 32),
    check: oneOf('TRANSCRIBE_CHECK', text('TRANSCRIBE_CHECK') ?? 'on', ['on', 'off']) === 'on',
    timeout: duration('TRANSCRIBE_TIMEOUT', text('TRANSCRIBE_TIMEOUT') ?? '600'),
  }
  return apiKey || baseUrl ? Object.freeze(settings) : undefined
}

function optional<T>(read: (name: Setting, value: string) => T, name: Setting, value: string | undefined) {
  return value === undefined ? undefined : read(name, value)
}

function integer(name: Setting, value: string, min: number, max: number): number {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (number >= min && number <= max) return number
  throw new StartError(`${name} must be a whole number from ${min} to ${max}, not "${value}".`)
}

function oneOf<T extends string>(name: Setting, value: string, allowed: readonly T[]): T {
  const found = allowed.find(candidate => candidate === value)
  if (found) return found
  throw new StartError(`${name} must be one of ${allowed.join(', ')}, not "${value}".`)
}

function url(name: Setting, value: string | undefined, protocols: string[]): string | undefined {
  if (value === undefined) return undefined
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  if (parsed && protocols.includes(parsed.protocol)) return value.replace(/\/+$/, '')
  // The value may hold a password: it is not repeated.
  throw new StartError(`${name} must be a URL that begins with ${protocols.map(p => `${p}//`).join(' or ')}.`)
}

const SIZE_UNITS: Record<string, number> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}
const TIME_UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

function bytes(name: Setting, value: string): number {
  return quantity(name, value, SIZE_UNITS, 'a number of bytes such as 1073741824, 500MB or 50GiB')
}

function duration(name: Setting, value: string): number {
  return quantity(name, value, TIME_UNITS, 'a number of seconds, or a time such as 90s, 30m, 24h or 7d')
}

function quantity(name: Setting, value: string, units: Record<string, number>, form: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})\s*([A-Za-z]*)$/.exec(value) ?? []
  const factor = Object.hasOwn(units, unit) ? units[unit]! : Number.NaN
  const amount = digits === '' ? Number.NaN : Number(digits) * factor
  if (Number.isSafeInteger(amount) && amount > 0) return amount
  throw new StartError(`${name} must be ${form}, above zero, not "${value}".`)
}

function origins(name: Setting, value: string | undefined): readonly string[] {
  const list = listOf(value)
  for (const origin of list) {
    if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new StartError(
        `${name} must be a comma-separated list of origins such as https://app.example.com, not "${origin}".`,
      )
    }
  }
  return Object.freeze(list)
}

/** As URLs have it: in lower case, international names in ASCII. */
function hostName(value: string): string {
  const isName = !/[/:@?#]/.test(value) && URL.canParse(`http://${value}`)
  const name = isName ? new URL(`http://${value}`).hostname.replace(/\.$/, '') : ''
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) return name
  throw new StartError(
    `ALLOWED_HOSTS must be a comma-separated list of names such as video.example.com, without ports, not "${value}".`,
  )
}

function listOf(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map(entry => entry.trim())
    .filter(Boolean)
}
