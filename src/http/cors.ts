import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config/config.ts'
import { isUploadRoute } from './route-policy.ts'

/** What pages of allowed origins may send, to any route and in either upload protocol. */
const ALLOWED_HEADERS = [
  ...[
    'Authorization',
    'Content-Type',
    'Content-Disposition',
    'Content-Digest',
    'Repr-Digest',
    'Want-Repr-Digest',
  ],
  ...['If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since', 'If-Range', 'Range'],
  ...['Idempotency-Key', 'Last-Event-ID', 'Cache-Control', 'Prefer', 'X-Requested-With', 'X-Request-ID'],
  ...['Tus-Resumable', 'Upload-Checksum', 'Upload-Concat', 'Upload-Defer-Length', 'Upload-Length'],
  ...['Upload-Metadata', 'Upload-Offset', 'X-HTTP-Method-Override'],
  ...['Upload-Complete', 'Upload-Incomplete', 'Upload-Draft-Interop-Version'],
  ...['Traceparent', 'Tracestate', 'Baggage'],
]
/** What they may read of an answer, besides what Fetch lets everybody read. */
const EXPOSED_HEADERS = [
  ...[
    'Accept-Patch',
    'Accept-Ranges',
    'Content-Disposition',
    'Content-Length',
    'Content-Location',
    'Content-Range',
  ],
  ...['ETag', 'Idempotency-Replayed', 'Last-Modified', 'Location', 'Repr-Digest', 'Retry-After'],
  ...['Tus-Checksum-Algorithm', 'Tus-Extension', 'Tus-Max-Size', 'Tus-Resumable', 'Tus-Version'],
  ...[
    'Upload-Complete',
    'Upload-Concat',
    'Upload-Defer-Length',
    'Upload-Draft-Interop-Version',
    'Upload-Expires',
  ],
  ...['Upload-Incomplete', 'Upload-Length', 'Upload-Limit', 'Upload-Metadata', 'Upload-Offset'],
  ...['WWW-Authenticate', 'X-Request-ID'],
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].join(', ')
/** How long a browser may remember a preflight, in seconds: a day, of which browsers take two hours at most. */
const MAX_AGE_S = 86_400

export type CorsParts = Pick<Config, 'allowedOrigins' | 'corsHeaders' | 'corsCredentials'> & {
  readonly isAllowedOrigin: (origin: string) => boolean
}

/**
 * Lets pages of allowed origins call the service (Fetch, CORS protocol): the one place for the REST API and both upload protocols. A
 * preflight is answered 200, because some old browsers and televisions refuse 204, and before the guard: it has no credential.
 */
export function allowPages(app: FastifyInstance, parts: CorsParts): void {
  const allowed = [...ALLOWED_HEADERS, ...parts.corsHeaders].join(', ')
  const exposed = [...EXPOSED_HEADERS, ...parts.corsHeaders].join(', ')
  app.addHook('onRequest', async (request, reply) => {
    varyBy(reply, 'Origin')
    const { origin } = request.headers
    const isAllowed = origin !== undefined && parts.isAllowedOrigin(origin)
    if (isAllowed) {
      reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed })
      // Never for every origin, nor for pages on this machine that no one has listed.
      if (parts.corsCredentials && parts.allowedOrigins.includes(origin))
        reply.header('access-control-allow-credentials', 'true')
    }
    if (request.method !== 'OPTIONS') return
    if (isAllowed)
      reply.headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': allowed,
        'access-control-max-age': MAX_AGE_S,
      })
    // The upload protocols have more to say.
    if (isPreflight(request) && !isUploadRoute(request)) return reply.code(200).send()
  })
  app.options('*', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) =>
    reply.code(200).send(),
  )
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/** Adds a name to `Vary` (RFC 9110 §12.5.5). */
export function varyBy(reply: FastifyReply, name: string): void {
  const before = String(reply.getHeader('vary') ?? '')
  const names = before.split(',').map(each => each.trim().toLowerCase())
  if (names.includes('*') || names.includes(name.toLowerCase())) return
  reply.header('vary', before ? `${before}, ${name}` : name)
}
