import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config/config.ts'
import { isUploadRoute } from './route-policy.ts'

/** Request headers that pages of allowed origins may send, on all routes and in both upload protocols. */
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
/** Response headers that these pages may read, in addition to the headers that Fetch always exposes. */
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
/** Lifetime of a preflight in a browser's cache. Browsers limit it to two hours or a day. */
const MAX_AGE_S = 86_400

export type CorsDeps = Pick<Config, 'allowedOrigins' | 'corsHeaders' | 'corsCredentials'> & {
  readonly isAllowedOrigin: (origin: string) => boolean
}

/**
 * Lets pages of allowed origins call the service (Fetch, CORS protocol), for the REST API and both upload protocols. A preflight gets 200,
 * because some old browsers and televisions reject 204. It is handled before the guard, because it has no credential.
 */
export function allowPages(app: FastifyInstance, deps: CorsDeps): void {
  const allowed = [...ALLOWED_HEADERS, ...deps.corsHeaders].join(', ')
  const exposed = [...EXPOSED_HEADERS, ...deps.corsHeaders].join(', ')
  app.addHook('onRequest', async (request, reply) => {
    varyBy(reply, 'Origin')
    const { origin } = request.headers
    const isAllowed = origin !== undefined && deps.isAllowedOrigin(origin)
    if (isAllowed) {
      reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed })
      // Credentials are not allowed with `*`, nor for pages on this machine that are not listed.
      if (deps.corsCredentials && deps.allowedOrigins.includes(origin))
        reply.header('access-control-allow-credentials', 'true')
    }
    if (request.method !== 'OPTIONS') return
    if (isAllowed)
      reply.headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': allowed,
        'access-control-max-age': MAX_AGE_S,
      })
    // The upload protocols handle their own preflights, with more headers.
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
