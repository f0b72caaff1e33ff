import { StartError } from '../base/errors.ts'
import type { Parser } from './parsers.ts'

/** A bucket of an S3-compatible service, as STORAGE_URL names it. */
export interface S3Location {
  readonly bucket: string
  /** The beginning of all keys: empty, or ends in a slash. */
  readonly prefix: string
  /** Address of the service; undefined for AWS. */
  readonly endpoint: string | undefined
  readonly region: string
  /** Whether the bucket is a part of the path, and not of the host name. */
  readonly pathStyle: boolean
  /** Encryption that requests ask for (`x-amz-server-side-encryption`). */
  readonly encryption: 'AES256' | 'aws:kms' | undefined
  readonly kmsKey: string | undefined
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const PREFIX = /^[\w.-]+(\/[\w.-]+)*$/
const OPTIONS = ['endpoint', 'region', 'path_style', 'sse', 'kms_key']

/** `s3://bucket/prefix?endpoint=…&region=…&path_style=on&sse=AES256`. */
export const storageUrl: Parser<S3Location> = (value, name) => {
  const refuse = (problem: string): never => {
    throw new StartError(
      `${name} ${problem}, as in s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-central-1.`,
    )
  }
  if (!URL.canParse(value) || !value.startsWith('s3://'))
    return refuse('must be a URL that begins with s3://')
  const { username, password, pathname, searchParams } = new URL(value)
  // `URL` would change the bucket's name to lower case.
  const bucket = /^s3:\/\/([^/?#]*)/.exec(value)?.[1] ?? ''
  if (username || password)
    return refuse('must not contain credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  if (!BUCKET.test(bucket)) return refuse('must name a bucket')
  const prefix = pathname.replace(/^\/|\/$/g, '')
  if (prefix !== '' && (!PREFIX.test(prefix) || prefix.split('/').some(part => /^\.+$/.test(part))))
    return refuse('has a prefix that is not made of letters, digits, dots, hyphens and slashes')
  const unknown = [...searchParams.keys()].find(option => !OPTIONS.includes(option))
  if (unknown !== undefined)
    return refuse(`has the unknown option "${unknown}"; the options are ${OPTIONS.join(', ')}`)
  const option = (key: string) => searchParams.get(key) || undefined
  const endpoint = option('endpoint')
  if (endpoint !== undefined && !isHttpUrl(endpoint))
    return refuse('has an endpoint that is not an http or https URL')
  const pathStyle = option('path_style') ?? (endpoint === undefined ? 'off' : 'on')
  if (pathStyle !== 'on' && pathStyle !== 'off') return refuse('must have path_style=on or path_style=off')
  const encryption = option('sse')
  if (encryption !== undefined && encryption !== 'AES256' && encryption !== 'aws:kms')
    return refuse('must have sse=AES256 or sse=aws:kms')
  const kmsKey = option('kms_key')
  if (kmsKey !== undefined && encryption !== 'aws:kms') return refuse('must have sse=aws:kms with kms_key')
  return Object.freeze({
    bucket,
    prefix: prefix && `${prefix}/`,
    endpoint: endpoint?.replace(/\/+$/, ''),
    region: option('region') ?? 'us-east-1',
    pathStyle: pathStyle === 'on',
    encryption,
    kmsKey,
  })
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && !username && !password && !search && !hash
}
