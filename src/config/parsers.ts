import { isIPv4, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { StartError } from '../base/errors.ts'

/** Reads the text of one setting. @throws StartError with a sentence that begins with the variable's name. */
export type Parser<T> = (value: string, name: string) => T

const SECRET_MIN_BYTES = 32

export const text: Parser<string> = value => value

export function integer(min: number, max: number): Parser<number> {
  return (value, name) => {
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    throw new StartError(`${name} must be a whole number from ${min} to ${max}, not "${value}".`)
  }
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Parser<T> {
  return (value, name) => {
    const found = allowed.find(candidate => candidate === value)
    if (found) return found
    throw new StartError(`${name} must be one of ${allowed.join(', ')}, not "${value}".`)
  }
}

export const onOff: Parser<boolean> = (value, name) => oneOf('on', 'off')(value, name) === 'on'

/** `off` means no limit. */
export function integerOrOff(min: number, max: number): Parser<number | undefined> {
  return (value, name) => (value === 'off' ? undefined : integer(min, max)(value, name))
}

/** @param protocols with a colon. The value is not repeated in errors, because it may hold a password. */
export function url(...protocols: readonly string[]): Parser<string> {
  return (value, name) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined
    if (parsed && protocols.includes(parsed.protocol)) return value.replace(/\/+$/, '')
    const beginnings = protocols.map(protocol => `${protocol}//`).join(' or ')
    throw new StartError(`${name} must be a URL that begins with ${beginnings}.`)
  }
}

/**
 * The identifier of an OpenID provider (OpenID Connect Discovery 1.0 §3). A slash at its end is kept, because tokens must contain exactly
 * the same identifier.
 */
export const issuer: Parser<string> = (value, name) => {
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(parsed?.hostname ?? '')
  const hasScheme = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLocal)
  if (!parsed || !hasScheme || /[?#@]/.test(value))
    throw new StartError(
      `${name} must be a URL such as https://login.example.com/realms/main, without user name and query. Only a provider on this machine may use http://.`,
    )
  if (parsed.pathname.includes('/.well-known/'))
    throw new StartError(
      `${name} must not contain /.well-known/openid-configuration: remove that part of the URL.`,
    )
  return value
}

/** Several URLs, separated by commas. */
export function urls(...protocols: readonly string[]): Parser<string> {
  const one = url(...protocols)
  return (value, name) =>
    value
      .split(',')
      .map(part => one(part.trim(), name))
      .join(',')
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

/** A number of bytes, with a unit or without. */
export const size: Parser<number> = (value, name) =>
  quantity(value, name, SIZE_UNITS, 'a number of bytes such as 1073741824, 500MB or 50GiB')

/** A number of seconds, with a unit or without. */
export const duration: Parser<number> = (value, name) =>
  quantity(value, name, TIME_UNITS, 'a number of seconds, or a time such as 90s, 30m, 24h or 7d')

function quantity(value: string, name: string, units: Record<string, number>, form: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})\s*([A-Za-z]*)$/.exec(value) ?? []
  const factor = Object.hasOwn(units, unit) ? units[unit]! : Number.NaN
  const amount = digits === '' ? Number.NaN : Number(digits) * factor
  if (Number.isSafeInteger(amount) && amount > 0) return amount
  throw new StartError(`${name} must be ${form}, above zero, not "${value}".`)
}

/** One of several names, or the path of a directory, which is made absolute. */
export function speechModel(...known: readonly string[]): Parser<string> {
  return (value, name) => {
    if (known.includes(value)) return value
    if (/[/\\]/.test(value)) return resolve(value)
    throw new StartError(
      `${name} must be one of ${known.join(', ')}, or the path of a directory, not "${value}".`,
    )
  }
}

export const directory: Parser<string> = value => resolve(value)

/** Origins of web pages, or `*`. */
export const origins: Parser<readonly string[]> = (value, name) =>
  eachOf(value, origin => {
    if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return origin
    throw new StartError(
      `${name} must be a comma-separated list of origins such as https://app.example.com, not "${origin}".`,
    )
  })

/** Host names as URLs have them: in lower case, international names in ASCII. */
export const hostNames: Parser<readonly string[]> = (value, name) =>
  eachOf(value, entry => {
    const isName = !/[/:@?#]/.test(entry) && URL.canParse(`http://${entry}`)
    const host = isName ? new URL(`http://${entry}`).hostname.replace(/\.$/, '') : ''
    if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host)) return host
    throw new StartError(
      `${name} must be a comma-separated list of names such as video.example.com, without ports, not "${entry}".`,
    )
  })

export const headerNames: Parser<readonly string[]> = (value, name) =>
  eachOf(value, entry => {
    if (/^[\w!#$%&'+.^`|~-]+$/.test(entry)) return entry
    throw new StartError(`${name} must be a comma-separated list of header names, not "${entry}".`)
  })

/** IP addresses and ranges of them (`10.0.0.0/8`). */
export const addresses: Parser<readonly string[]> = (value, name) =>
  eachOf(value, entry => {
    const [address = '', bits, ...rest] = entry.split('/')
    const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
    const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width)
    if (width !== -1 && isRange && rest.length === 0) return entry
    throw new StartError(
      `${name} must be a comma-separated list of addresses such as 10.0.0.5 or 10.0.0.0/8, not "${entry}".`,
    )
  })

/** The value is not repeated in errors. */
export const secret: Parser<string> = (value, name) => {
  if (Buffer.byteLength(value) >= SECRET_MIN_BYTES) return value
  throw new StartError(
    `${name} must have at least ${SECRET_MIN_BYTES} bytes; "openssl rand -hex 32" prints a suitable one.`,
  )
}

export const secrets: Parser<readonly string[]> = (value, name) => eachOf(value, entry => secret(entry, name))

/** A path of a URL, without a slash at its end. */
export const urlPath: Parser<string> = (value, name) => {
  if (/^(\/[\w.-]+)+$/.test(value)) return value
  throw new StartError(`${name} must be a path such as /stored, without a slash at its end, not "${value}".`)
}

function eachOf(value: string, read: (entry: string) => string): readonly string[] {
  const entries = value.split(',').map(entry => entry.trim())
  return Object.freeze(entries.filter(Boolean).map(read))
}
