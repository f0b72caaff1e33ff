import { isatty } from 'node:tty'
import pino, { type Logger } from 'pino'
import type { Config } from '../config/config.ts'

/** Limit for nested causes of an error. */
const MAX_CAUSES = 5
/** Shorter values are not removed, because they occur in ordinary text and are too short to be secrets. */
const SECRET_MIN_LENGTH = 8

/** Credentials that are recognized by their form. */
const CREDENTIALS: readonly [form: RegExp, replacement: string][] = [
  // The password of a URL may contain any character, so everything up to the last @ before the path is removed.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>\\/?#]*@/gi, '$1…@'],
  [/\b((?:signature|link|share|token|access_token|api_key|password)=)[^&\s"'\\]+/gi, '$1…'],
  [/\b((?:bearer|basic) +)[\w.~+/=-]{8,}/gi, '$1…'],
  [/\blongtake_[\w-]{43}/g, 'longtake_…'],
  [/\bwhsec_[\w+/=-]{8,}/g, 'whsec_…'],
  [/\bsk-[\w-]{8,}/g, 'sk-…'],
  // A JSON Web Token (RFC 7519): its header begins with {" in base64.
  [/\beyJ[\w-]{4,}\.[\w-]+\.[\w-]+/g, 'eyJ…'],
]

/** @returns a function that removes credentials from a text. @param secrets values to remove, whatever their form. */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const values = secrets.filter(secret => secret.length >= SECRET_MIN_LENGTH)
  // Log lines are JSON, URLs are percent-encoded.
  const forms = values.flatMap(value => [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
  ])
  const known = [...new Set(forms)].sort((a, b) => b.length - a.length)
  return text => {
    const unknown = known.reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
    return CREDENTIALS.reduce((rest, [form, replacement]) => rest.replace(form, replacement), unknown)
  }
}

/** Passwords and keys among the settings. */
export function secretsOf(config: Config): string[] {
  const { databaseUrl, natsUrl, speechToText, auth, linkSecrets } = config
  const jwtKey = auth.kind === 'jwt' ? auth.jwt.key : {}
  const jwksUrl = 'jwksUrl' in jwtKey ? jwtKey.jwksUrl : undefined
  const servers = (natsUrl?.split(',') ?? []).map(address => new URL(address))
  const passwords = [databaseUrl, speechToText?.baseUrl, jwksUrl].map(
    address => address && new URL(address).password,
  )
  // In a NATS URL, a token stands where the user name would be.
  const logins = servers.map(({ username, password }) => password || username)
  const keys = [
    config.awsSecretAccessKey,
    config.awsSessionToken,
    speechToText?.apiKey,
    'secret' in jwtKey ? jwtKey.secret : undefined,
    config.oidc?.clientSecret,
    ...linkSecrets,
  ]
  const found = [...passwords, ...logins].filter(isText).flatMap(value => [value, decoded(value)])
  return [...found, ...keys].filter(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

interface PlainError {
  readonly type: string
  readonly message: string
  readonly code?: string | number
  readonly stack?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

/**
 * The members of an error that are logged. Libraries attach whole clients, with passwords and keys, to their errors, so nothing else is
 * printed.
 */
export function plainError(error: Error, depth = 0): PlainError {
  const { code, cause, errors } = error as Error & { code?: unknown; errors?: unknown }
  const inner = (value: unknown) =>
    value instanceof Error && depth < MAX_CAUSES ? plainError(value, depth + 1) : String(value)
  return {
    type: error.constructor?.name || error.name,
    message: error.message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error.stack && { stack: error.stack }),
    ...(cause !== undefined && { cause: inner(cause) }),
    ...(Array.isArray(errors) && { errors: errors.slice(0, 10).map(inner) }),
  }
}

/** Makes errors plain, whatever the name of the member. */
function plainMembers(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name,
      value instanceof Error ? plainError(value) : value,
    ]),
  )
}

/** Writes JSON lines, or readable lines if stderr is a terminal. Credentials are removed. */
export async function createLog(level: string, scrub: (text: string) => string): Promise<Logger> {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: plainMembers },
    // Errors have been made plain before; pino's own serializer expects an Error.
    serializers: { err: (value: unknown) => value },
  }
  const stderr = 2
  const lines = isatty(stderr) ? await prettyLines(stderr) : pino.destination({ dest: stderr, sync: true })
  return pino(options, { write: line => void lines.write(scrub(line)) })
}

async function prettyLines(dest: number): Promise<{ write(line: string): unknown }> {
  const { default: pretty } = await import('pino-pretty')
  return pretty({
    destination: dest,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    // So that a line fits.
    ignore: 'request_id,event_id,attempt',
  })
}
