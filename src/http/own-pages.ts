import { isIPv4 } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'
import { methodOf } from './route-policy.ts'

export interface OwnPagesDeps {
  /** The URL that clients use for the service. */
  readonly publicUrl: string | undefined
  /** Further host names of the service, in lower case. */
  readonly allowedHosts: readonly string[]
  /** Whether pages of another origin may call the service. */
  readonly isAllowedOrigin: (origin: string) => boolean
}

/** A host with an optional port (RFC 9110 §7.2), without user names, escapes and spaces. */
const HOST_FORM = /^(\[[\da-f:.]+\]|[^\s/?#@\\:[\]%]+)(:\d*)?$/i

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** Types of forms and of automatic reports. Pages can send them to any origin without a preflight (Fetch, CORS-safelisted). */
const FORM_TYPES = /^(multipart\/|text\/|application\/(x-www-form-urlencoded|csp-report|reports\+json))/i

/** Headers that a page can send to another origin only after a preflight. */
const PREFLIGHT_HEADERS = [
  'tus-resumable',
  'upload-complete',
  'upload-incomplete',
  'idempotency-key',
  'authorization',
]

/** The User-Agent of every browser begins like this; that of other programs does not. */
const BROWSER = /^(Mozilla|Opera)\//

/**
 * Protects a service without sign-in: in a browser, only its own pages and those of allowed origins may use it. Browsers enforce most of this
 * themselves. The exceptions are pages whose host name resolves to this machine (DNS rebinding) and forms sent to another origin (CSRF).
 * @throws ApiError 403
 */
export function requireOwnPage(request: FastifyRequest, deps: OwnPagesDeps): void {
  const hosts = hostsOf(request)
  const foreign = hosts.find(host => !isKnownHost(host, deps))
  if (foreign !== undefined)
    throw new ApiError(
      403,
      'foreign_host',
      foreign === ''
        ? 'The request must have exactly one Host header.'
        : `Unknown host ${foreign.slice(0, 200)}. Set PUBLIC_URL to the address that clients use, or add the host to ALLOWED_HOSTS.`,
    )
  requireOwnOrigin(request, deps)
}

/**
 * Checks that a request that can change something does not come from a foreign page: browsers add cookies, and the address of this machine
 * needs no credential (CSRF). @throws ApiError 403
 */
export function requireOwnOrigin(request: FastifyRequest, deps: OwnPagesDeps): void {
  if (SAFE_METHODS.includes(methodOf(request)) || isOwnRequest(request, hostsOf(request), deps)) return
  throw new ApiError(
    403,
    'foreign_origin',
    'Cross-origin request from a page that is not in ALLOWED_ORIGINS. ' +
      'If a program sent it: use a User-Agent that is not a browser’s, or Content-Type: application/json.',
  )
}

/** The host of the request and the host that a trusted proxy forwards. An empty string stands for a missing or ambiguous host. */
function hostsOf(request: FastifyRequest): string[] {
  const { headers, raw } = request
  const named = raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host')
  const own = named.length === 1 ? (headers.host ?? '') : ''
  // RFC 9112 §3.2.2: a target in absolute form names the host too.
  const [, target] = /^[a-z]+:\/\/([^/?#]*)/i.exec(request.originalUrl) ?? []
  // Fastify uses X-Forwarded-Host of trusted proxies only.
  const forwarded = request.host === headers.host ? [] : String(headers['x-forwarded-host'] ?? '').split(',')
  return [own, ...(target === undefined ? [] : [target]), ...forwarded].map(host => host.trim())
}

/** The host name of this machine, and its first label. */
const OWN_NAMES = [hostname().toLowerCase(), hostname().toLowerCase().split('.')[0]]

/**
 * Whether a host certainly names this service. The owner of a foreign domain can make its name resolve to this machine, but cannot do that
 * with IP addresses and `localhost` (RFC 6761 §6.3). So all other names except this machine's own must be configured.
 */
function isKnownHost(host: string, { publicUrl, allowedHosts }: OwnPagesDeps): boolean {
  if (!HOST_FORM.test(host) || !URL.canParse(`http://${host}`)) return false
  const name = new URL(`http://${host}`).hostname.replace(/\.$/, '')
  return (
    isIPv4(name) ||
    name.startsWith('[') ||
    name === 'localhost' ||
    OWN_NAMES.includes(name) ||
    allowedHosts.includes(name) ||
    (publicUrl !== undefined && new URL(publicUrl).hostname === name)
  )
}

/** Whether a request comes from a page of this service, from a page of an allowed origin, or not from a page. */
function isOwnRequest({ headers, method }: FastifyRequest, hosts: string[], deps: OwnPagesDeps): boolean {
  const { origin, referer, 'sec-fetch-site': site } = headers
  // Browsers send this header to trustworthy origins only: HTTPS and this machine (Fetch Metadata §2.3).
  if (site !== undefined)
    return site === 'same-origin' || site === 'none' || deps.isAllowedOrigin(origin ?? '')
  // Old browsers send forms without Origin, but with Referer.
  const page = origin ?? (referer && URL.canParse(referer) ? new URL(referer).origin : undefined)
  if (page !== undefined) return isOwnOrigin(page, hosts, deps) || deps.isAllowedOrigin(page)
  return !mayBeForm(headers, method)
}

function isOwnOrigin(origin: string, hosts: readonly string[], { publicUrl }: OwnPagesDeps): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host } = new URL(origin)
  if (publicUrl !== undefined && new URL(publicUrl).origin === origin) return true
  // Both sides get the scheme of the page, so that both omit its default port.
  return hosts
    .map(each => `${protocol}//${each}`)
    .some(url => URL.canParse(url) && new URL(url).host === host)
}

/** Whether a page could have sent this without a preflight, in a browser that sends neither Fetch Metadata nor Origin. */
function mayBeForm(headers: FastifyRequest['headers'], method: string): boolean {
  if (method !== 'POST' || PREFLIGHT_HEADERS.some(name => headers[name] !== undefined)) return false
  const { 'content-type': type, 'user-agent': agent } = headers
  const isBrowser = agent !== undefined && BROWSER.test(agent)
  return type === undefined ? isBrowser : FORM_TYPES.test(type) && (isBrowser || agent === undefined)
}
