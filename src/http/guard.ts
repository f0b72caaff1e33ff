import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Access, may, NOTHING } from '../access/access.ts'
import type { LinkSigner } from '../access/signed-links.ts'
import { ApiError, databaseUnavailable, notFound } from '../base/errors.ts'
import { fieldOf } from '../base/header-fields.ts'
import { isUuid } from '../base/ids.ts'
import type { Config } from '../config/config.ts'
import type { Db, Scope } from '../database/schema.ts'
import type { UploaderLink } from '../uploads/core/upload-context.ts'
import { canSee } from '../videos/catalogue/viewer.ts'
import { CredentialWatch } from './credential-watch.ts'
import { identification } from './credentials.ts'
import { requireOwnPage } from './own-pages.ts'
import { carriesUpload, isStreamed, isUploadRoute, methodOf, OWNED, policyOf } from './route-policy.ts'
import { useOwnId } from './routes/old-uploads.ts'
import { SHARES, Shares } from './routes/shares.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the one who asks may do. */
    access: Access
    /** The upload link that the request uses in place of a key. */
    uploadLink: UploaderLink | undefined
    /** @returns why the credential is over by now; undefined if it is good. */
    checkCredential(): Promise<ApiError | undefined>
    /** Set by an answer without an end, for when its credential is over. */
    endStream: (() => void) | null
  }
}

export interface GuardParts {
  readonly config: Config
  readonly db: Db
  readonly signer: LinkSigner
  readonly isAllowedOrigin: (origin: string) => boolean
  /** Whether no other process can be writing to uploads. */
  readonly isAlone: () => boolean
}

/** Of a body, from which on it counts as large. */
const LARGE_BYTES = 256 * 1024

/**
 * Checks every request before its route runs, those of the upload protocols too: the credential, its scopes, the owner of the resource and
 * the rate. Each route declares what it needs in its `config` (`RoutePolicy`), so a new route needs no line here.
 *
 * `public` are only health checks, whose callers have no key, the documentation, and the files of the web page, which asks people to sign
 * in. `/metrics` is not: it shows how much is stored, and Prometheus can send a key.
 */
export async function guard(app: FastifyInstance, parts: GuardParts): Promise<void> {
  const { config, db, signer, isAllowedOrigin } = parts
  const identify = await identification({ auth: config.auth, db, signer })
  const count = await counter(app, config.rateLimit)
  const watch = new CredentialWatch(identify, app.log)
  const requests = new Shares(SHARES.requests)
  const bodies = new Shares(SHARES.largeBodies)
  app.addHook('onClose', async () => watch.close())
  app.decorateRequest('access')
  app.decorateRequest('uploadLink')
  app.decorateRequest('endStream', null)
  app.decorateRequest('checkCredential', function (this: FastifyRequest) {
    return watch.check(this)
  })

  /** Counts a request as one that is under way. @throws ApiError 429, or 503 for bytes of an upload: clients try again only after that. */
  function admit(request: FastifyRequest, reply: FastifyReply): void {
    watch.watch(request, reply)
    if (config.auth.kind !== 'none') requests.take(request, reply, carriesUpload(request) ? 503 : 429)
    if (hasLargeBody(request)) bodies.take(request, reply)
  }

  async function decide(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const needed = neededFor(request)
    // A page that needs no credential could be anybody's.
    if (config.auth.kind === 'none' && policyOf(request)?.host !== 'any')
      requireOwnPage(request, { ...config, isAllowedOrigin })
    if (needed === 'public') {
      // A link that is signed for another verb is not signed for this.
      if (request.is404 && (request.query as { signature?: unknown }).signature !== undefined)
        await identify(request)
      return
    }
    const identity = await identify(request)
    if (!identity)
      throw new ApiError(
        401,
        'unauthenticated',
        'Say who you are: Authorization: Bearer, and a key or token.',
      )
    const { access, isForThis, uploadLink } = identity
    request.access = access
    request.uploadLink = uploadLink
    if (!needed.some(scope => may(access, scope)))
      throw new ApiError(403, 'insufficient_scope', `This takes the scope ${needed.join(' or ')}.`)
    if (isUploadRoute(request)) await useOwnId(request.params as { id?: string }, db)
    if (!isForThis) await requireSeen(request, access)
    const method = methodOf(request)
    if (!parts.isAlone() && method !== 'GET' && method !== 'HEAD') throw databaseUnavailable()
    admit(request, reply)
  }

  async function requireSeen(request: FastifyRequest, access: Access): Promise<void> {
    const { owned } = policyOf(request) ?? {}
    const { id = '' } = request.params as { id?: string }
    // The route's own validation refuses what is not a UUID.
    if (owned === undefined || owned === 'handler' || !isUuid(id)) return
    const { table, name } = OWNED[owned]
    if (!(await canSee(db, access, table, id))) throw notFound(name)
  }

  // Behind all onRequest hooks: a page of an allowed origin can read what it is refused with.
  app.addHook('preParsing', async (request, reply) => {
    request.access = NOTHING
    try {
      await decide(request, reply)
      if (!carriesUpload(request)) await count(request, reply)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500) {
        // Clients of the IETF's draft rely on this: the upload is not complete, whatever happened here.
        if (isUploadRoute(request) && fieldOf(request.headers, 'Tus-Resumable') === undefined)
          reply.header('upload-complete', '?0')
        throw forUpload(request, error)
      }
      if (error.status !== 429) await count(request, reply)
      const challenge = challengeOf(error, request)
      if (challenge) reply.header('www-authenticate', challenge)
      throw forUpload(request, error)
    }
  })
}

/** Whether a body is JSON that is read whole before its route sees it, and is large or may be. */
function hasLargeBody(request: FastifyRequest): boolean {
  const { headers } = request
  if (isStreamed(request)) return false
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > LARGE_BYTES
}

/** The scopes of which a request needs one; `public` if it needs none. */
function neededFor(request: FastifyRequest): readonly Scope[] | 'public' {
  if (request.is404) return 'public'
  const { access } = policyOf(request) ?? {}
  if (access === 'public') return 'public'
  if (access !== 'upload') return [access ?? 'admin']
  const method = methodOf(request)
  // What the server can do is no secret, and a browser asks it without a credential.
  return method === 'OPTIONS' ? 'public' : method === 'HEAD' ? ['read', 'write'] : ['write']
}

type Count = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Counts the requests of each credential; and of each address, where there is none or a wrong one. @throws ApiError 429 */
async function counter(app: FastifyInstance, max: number | undefined): Promise<Count> {
  if (max === undefined) return async () => {}
  await app.register(rateLimit, { global: false })
  const timeWindow = 60_000
  const byAddress = app.createRateLimit({ max, timeWindow })
  const byCredential = app.createRateLimit({
    max,
    timeWindow,
    keyGenerator: ({ access }) => access.credential ?? '',
  })
  return async (request, reply) => {
    const { credential } = request.access
    const result = await (credential === undefined ? byAddress(request) : byCredential(request))
    if (result.isAllowed || !result.isExceeded) return
    const seconds = Math.max(1, result.ttlInSeconds)
    reply.header('retry-after', seconds)
    throw new ApiError(429, 'too_many_requests', `Too many requests: try again in ${seconds} s.`)
  }
}

/** RFC 6750 §3: what it takes. */
function challengeOf(error: ApiError, request: FastifyRequest): string | undefined {
  const realm = 'Bearer realm="longtake"'
  if (error.code === 'unauthenticated') return realm
  if (error.code === 'invalid_token') return `${realm}, error="invalid_token"`
  if (error.code !== 'insufficient_scope') return undefined
  const needed = neededFor(request)
  return `${realm}, error="insufficient_scope", scope="${needed === 'public' ? '' : needed.join(' ')}"`
}

/** To a 5xx or 429 in answer to HEAD tus-js-client begins anew; to 423 it tries again. */
export function forUpload(request: FastifyRequest, error: unknown): unknown {
  if (!isUploadRoute(request) || methodOf(request) !== 'HEAD') return error
  const isFinal = error instanceof ApiError && error.status < 500 && error.status !== 429
  return isFinal ? error : new ApiError(423, 'unavailable', 'The upload cannot be looked up now: try again.')
}
