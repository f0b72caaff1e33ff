import { isIPv4 } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'
import { methodOf } from './route-policy.ts'

export interface OwnPagesParts {
  /** Origin and path under which clients reach the service. */
  readonly publicUrl: string | undefined
  /** Further names that the service is reached by, in lower case. */
  readonly allowedHosts: readonly string[]
  /** Whether pages of another origin may call the service. */
  readonly isAllowedOrigin: (origin: string) => boolean
}

/** Host and port as a URL has them (RFC 9110 §7.2). User names, escapes and spaces are no part of a host. */
const HOST_FORM = /^(\[[\da-f:.]+\]|[^\s/?#@\\:[\]%]+)(:\d*)?$/i

/** Methods that change nothing. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** Types of forms, and of reports that browsers send by themselves: a page sends them anywhere without asking first (Fetch, CORS-safelisted). */
const FORM_TYPES = /^(multipart\/|text\/|application\/(x-www-form-urlencoded|csp-report|reports\+json))/i

/** Headers that a page sends to another origin only after that has allowed it. */
const ASKED_HEADERS = [
  'tus-resumable',
  'upload-complete',
  'upload-incomplete',
  'idempotency-key',
  'authorization',
]

/** What every browser's User-Agent begins with, and what a program's own does not. */
const BROWSER = /^(Mozilla|Opera)\//

/**
 * For a service that has no sign-in: only its own pages, and those of allowed origins, may use it from a browser. A browser answers for that
 * itself, unless a foreign page has its own name mean this machine (DNS rebinding), or sends a form to another origin (CSRF).
 * @throws ApiError 403
 */
export function requireOwnPage(request: FastifyRequest, parts: OwnPagesParts): void {
  const hosts = hostsOf(request)
  const foreign = hosts.find(host => !isKnownHost(host, parts))
  if (foreign !== undefined)
    throw new ApiError(
      403,
      'foreign_host',
      foreign === ''
        ? 'The request names no host, or several.'
        : `Unknown host ${foreign.slice(0, 200)}. Set PUBLIC_URL to the address that clients use, or add the host to ALLOWED_HOSTS.`,
    )
  if (SAFE_METHODS.includes(methodOf(request)) || isOwnRequest(request, hosts, parts)) return
  throw new ApiError(
    403,
    'foreign_origin',
    'Cross-origin request from a page that is not in ALLOWED_ORIGINS. ' +
      'A program sends a User-Agent that is not a browser’s, or Content-Type: application/json.',
  )
}

/** The host that the request names, and the one that a trusted proxy was asked for. Empty where there is none, or several. */
function hostsOf(request: FastifyRequest): string[] {
  const { headers, raw } = request
  const named = raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host')
  const own = named.length === 1 ? (headers.host ?? '') : ''
  // RFC 9112 §3.2.2: a target in absolute form names the host as well.
  const [, target] = /^[a-z]+:\/\/([^/?#]*)/i.exec(request.originalUrl) ?? []
  // Fastify reads X-Forwarded-Host from trusted proxies only.
  const forwarded = request.host === headers.host ? [] : String(headers['x-forwarded-host'] ?? '').split(',')
  return [own, ...(target === undefined ? [] : [target]), ...forwarded].map(host => host.trim())
}

/** A machine knows its own name, also by its first part, and answers to it. */
const OWN_NAMES = [hostname().toLowerCase(), hostname().toLowerCase().split('.')[0]]

/**
 * Whether a host names this service for sure. A foreign page can have any name mean this machine, but not an address, and not `localhost`
 * (RFC 6761 §6.3): every name but this machine's own has to be configured.
 */
function isKnownHost(host: string, { publicUrl, allowedHosts }: OwnPagesParts): boolean {
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

/** Whether a request that changes something comes from a page of this service, an allowed one, or from no page. */
function isOwnRequest({ headers, method }: FastifyRequest, hosts: string[], parts: OwnPagesParts): boolean {
  const { origin, referer, 'sec-fetch-site': site } = headers
  // Fetch Metadata §2.3: browsers say it to origins that are trustworthy (HTTPS, this machine).
  if (site !== undefined)
    return site === 'same-origin' || site === 'none' || parts.isAllowedOrigin(origin ?? '')
  // Old browsers leave Origin out of forms, and say where those are.
  const page = origin ?? (referer && URL.canParse(referer) ? new URL(referer).origin : undefined)
  if (page !== undefined) return isOwnOrigin(page, hosts, parts) || parts.isAllowedOrigin(page)
  return !mayBeForm(headers, method)
}

function isOwnOrigin(origin: string, hosts: readonly string[], { publicUrl }: OwnPagesParts): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host } = new URL(origin)
  if (publicUrl !== undefined && new URL(publicUrl).origin === origin) return true
  // By the page's scheme, so that a default port is left out on both sides.
  return hosts
    .map(each => `${protocol}//${each}`)
    .some(url => URL.canParse(url) && new URL(url).host === host)
}

/** Whether a page could have sent this to another origin without asking, in a browser that says nothing of pages. */
function mayBeForm(headers: FastifyRequest['headers'], method: string): boolean {
  if (method !== 'POST' || ASKED_HEADERS.some(name => headers[name] !== undefined)) return false
  const { 'content-type': type, 'user-agent': agent } = headers
  const isBrowser = agent !== undefined && BROWSER.test(agent)
  return type === undefined ? isBrowser : FORM_TYPES.test(type) && (isBrowser || agent === undefined)
}
