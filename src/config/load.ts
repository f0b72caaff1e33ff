import { isIPv4 } from 'node:net'
import { StartError } from '../base/errors.ts'
import type {
  AuthConfig,
  BuiltinSpeechConfig,
  Config,
  JwtConfig,
  OidcConfig,
  SpeechToTextConfig,
} from './config.ts'
import { SETTINGS, type Setting, type SettingName, type Settings } from './settings.ts'

const SHARED_KEY_ALGORITHM = 'HS256'
/** Requests per minute if people sign in: a page that plays a video sends many range requests. */
const SIGNED_IN_REQUESTS = 3000

/**
 * Reads the settings and refuses combinations that cannot work.
 * @throws StartError that names the variable and its allowed values.
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const settings = parse(env)
  const auth = authConfig(settings)
  const config: Config = {
    ...camelCased(settings),
    auth,
    oidc: oidcConfig(settings),
    rateLimit: env['RATE_LIMIT']?.trim()
      ? settings.RATE_LIMIT
      : auth.kind === 'none'
        ? undefined
        : SIGNED_IN_REQUESTS,
    ...speech(settings),
    uploadInformational: uploadInformational(settings),
  }
  requireDatabaseForRole(config)
  requireStorage(config)
  requireGuarded(config, settings)
  if (config.corsCredentials && config.allowedOrigins.includes('*')) {
    throw new StartError(
      'CORS_CREDENTIALS=on with ALLOWED_ORIGINS=* would let every web page act for its visitors: list the origins.',
    )
  }
  return Object.freeze(config)
}

function parse(env: Record<string, string | undefined>): Settings {
  // An empty DATA_DIR probably comes from an unset variable in a script, and the default ./data would surprise the operator.
  if (env['DATA_DIR']?.trim() === '') {
    throw new StartError('DATA_DIR is empty: name a directory, or remove the setting.')
  }
  const entries = Object.entries<Setting<unknown>>(SETTINGS).map(([name, setting]) => {
    const value = env[name]?.trim() || setting.default
    return [name, value === undefined ? undefined : setting.parse(value, name)]
  })
  return Object.fromEntries(entries) as Settings
}

/** Only the settings that `Config` has under their own name. */
function camelCased(
  settings: Settings,
): Omit<Config, 'auth' | 'oidc' | 'speechToText' | 'builtinSpeech' | 'uploadInformational'> {
  const combined =
    /^(AUTH|ALLOW_UNAUTHENTICATED|UPLOAD_INFORMATIONAL|(JWT|OIDC|SPEECH|OPENAI|TRANSCRIBE)_.*)$/
  const own = Object.entries(settings).filter(([name]) => !combined.test(name))
  const camelCase = (name: string) =>
    name.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(own.map(([name, value]) => [camelCase(name), value])) as unknown as Config
}

function requireStorage({ storageUrl, storageRedirect, accelRedirect, ...aws }: Config): void {
  if (storageUrl === undefined && storageRedirect)
    throw new StartError('STORAGE_REDIRECT=on needs STORAGE_URL: files of DATA_DIR have no addresses.')
  if (storageUrl !== undefined && accelRedirect !== undefined)
    throw new StartError(
      'ACCEL_REDIRECT sends files of DATA_DIR, but STORAGE_URL keeps them in a bucket: remove one.',
    )
  if (storageUrl !== undefined && !aws.awsAccessKeyId !== !aws.awsSecretAccessKey)
    throw new StartError('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together.')
}

function requireDatabaseForRole({ role, databaseUrl }: Config): void {
  if (role === 'all' || databaseUrl) return
  throw new StartError(
    `ROLE=${role} splits Longtake into processes, and the embedded database serves one process only: ` +
      'set DATABASE_URL to a PostgreSQL server that all of them use, or ROLE=all.',
  )
}

/** A service without sign-in may only listen on addresses of this machine, unless the operator allows more. */
function requireGuarded({ auth, host, role }: Config, { ALLOW_UNAUTHENTICATED }: Settings): void {
  if (auth.kind !== 'none' || role === 'worker' || ALLOW_UNAUTHENTICATED || isLoopback(host)) return
  throw new StartError(
    `AUTH=none lets everyone who reaches HOST=${host} see, change and delete everything: set AUTH=api_key or AUTH=jwt, ` +
      'or ALLOW_UNAUTHENTICATED=on if something in front of the service checks who may use it.',
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/**
 * `auto` sends no 104 if the settings show that there is a proxy: this process speaks no TLS, and only a proxy needs the other two.
 * Requests that came through a proxy are also recognised by their headers.
 */
function uploadInformational(settings: Settings): Config['uploadInformational'] {
  if (settings.UPLOAD_INFORMATIONAL !== 'auto')
    return settings.UPLOAD_INFORMATIONAL === 'on' ? 'always' : 'never'
  const { PUBLIC_URL, TRUSTED_PROXIES, ACCEL_REDIRECT } = settings
  return PUBLIC_URL?.startsWith('https:') || TRUSTED_PROXIES.length > 0 || ACCEL_REDIRECT ? 'never' : 'direct'
}

function authConfig(settings: Settings): AuthConfig {
  const kind = settings.AUTH ?? (settings.OIDC_ISSUER === undefined ? 'none' : 'api_key')
  return Object.freeze(kind === 'jwt' ? { kind, jwt: jwtConfig(settings) } : { kind })
}

function jwtConfig(settings: Settings): JwtConfig {
  const needed = <K extends SettingName>(name: K): NonNullable<Settings[K]> => {
    const value = settings[name]
    if (value !== undefined && value !== null) return value
    throw new StartError(`${name} must be set with AUTH=jwt.`)
  }
  const algorithm = needed('JWT_ALGORITHM')
  const isShared = algorithm === SHARED_KEY_ALGORITHM
  const unused = isShared ? 'JWT_JWKS_URL' : 'JWT_SECRET'
  if (settings[unused] !== undefined) {
    throw new StartError(`${unused} is not used with JWT_ALGORITHM=${algorithm}: remove it.`)
  }
  return Object.freeze({
    algorithm,
    key: isShared ? { secret: needed('JWT_SECRET') } : { jwksUrl: needed('JWT_JWKS_URL') },
    issuer: needed('JWT_ISSUER'),
    audience: needed('JWT_AUDIENCE'),
  })
}

function oidcConfig(settings: Settings): OidcConfig | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = settings
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined
  if (issuer === undefined || clientId === undefined || clientSecret === undefined)
    throw new StartError('OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set together.')
  if (settings.AUTH === 'none')
    throw new StartError(
      'OIDC_ISSUER is for people who sign in, and AUTH=none has no sign-in: remove AUTH, or set AUTH=api_key or AUTH=jwt.',
    )
  const { PUBLIC_URL: publicUrl } = settings
  if (publicUrl === undefined)
    throw new StartError('OIDC_ISSUER needs PUBLIC_URL, the address to which the provider sends people back.')
  return Object.freeze({ issuer, clientId, clientSecret, publicUrl })
}

function speech(settings: Settings): Pick<Config, 'speechToText' | 'builtinSpeech'> {
  const engine = settings.SPEECH_ENGINE
  const service = engine === 'builtin' || engine === 'off' ? undefined : speechToText(settings)
  if (engine === 'openai' && !service) {
    throw new StartError('SPEECH_ENGINE=openai needs OPENAI_API_KEY, OPENAI_BASE_URL or both.')
  }
  const usesBuiltin = engine === 'builtin' || (engine === 'auto' && !service)
  return { speechToText: service, builtinSpeech: usesBuiltin ? builtinSpeech(settings) : undefined }
}

function builtinSpeech(settings: Settings): BuiltinSpeechConfig {
  return Object.freeze({
    model: settings.SPEECH_MODEL,
    modelDir: settings.SPEECH_MODEL_DIR,
    modelUrl: settings.SPEECH_MODEL_URL,
    isAutomatic: settings.SPEECH_ENGINE === 'auto',
  })
}

function speechToText(settings: Settings): SpeechToTextConfig | undefined {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl } = settings
  if (!apiKey && !baseUrl) return undefined
  return Object.freeze({
    // A self-hosted server needs no key, but the client library requires one.
    apiKey: apiKey ?? 'none',
    baseUrl,
    model: settings.TRANSCRIBE_MODEL,
    maxSeconds: settings.TRANSCRIBE_MAX_SECONDS,
    maxBytes: settings.TRANSCRIBE_MAX_SIZE,
    concurrency: settings.TRANSCRIBE_CONCURRENCY,
    check: settings.TRANSCRIBE_CHECK,
    timeout: settings.TRANSCRIBE_TIMEOUT,
  })
}
