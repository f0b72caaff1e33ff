import rateLimit, { type FastifyRateLimitStore } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Access, hasScope, NOTHING } from '../access/access.ts'
import type { RequestCounts } from '../access/request-counts.ts'
import type { ShareCounts } from '../access/share-counts.ts'
import type { LinkSigner } from '../access/signed-links.ts'
import { ApiError, notFound } from '../base/errors.ts'
import { fieldOf } from '../base/header-fields.ts'
import { isUuid } from '../base/ids.ts'
import type { Config } from '../config/config.ts'
import type { Db } from '../database/schema.ts'
import type { Scope } from '../database/tables/access.ts'
import type { UploaderLink } from '../uploads/core/upload-context.ts'
import { canSee } from '../videos/catalogue/viewer.ts'
import { CredentialWatch } from './credential-watch.ts'
import { identification } from './credentials.ts'
import type { GuestPasses } from './guest-passes.ts'
import { requireOwnOrigin, requireOwnPage } from './own-pages.ts'
import { carriesUpload, isStreamed, isUploadRoute, methodOf, OWNED, policyOf } from './route-policy.ts'
import { useOwnId } from './routes/old-uploads.ts'
import { SHARES, Shares } from './routes/shares.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The permissions of the request. */
    access: Access
    /** The upload link that the request uses instead of a key. */
    uploadLink: UploaderLink | undefined
    /** @returns the reason if the credential is no longer valid; undefined if it is valid. */
    checkCredential(): Promise<ApiError | undefined>
    /** Set by an endless response. Called when the request's credential is no longer valid. */
    endStream: (() => void) | null
  }
}

export interface GuardDeps {
  readonly config: Config
  readonly db: Db
  readonly signer: LinkSigner
  readonly guests: GuestPasses
  readonly isAllowedOrigin: (origin: string) => boolean
  /** Counts that all processes share; undefined if this is the only process. */
  readonly requestCounts: RequestCounts | undefined
  readonly shareCounts: ShareCounts
}

const SIGN_IN = 'Authentication required: send Authorization: Bearer and a key or token.'
/** A body of at least this size counts as large. */
const LARGE_BYTES = 256 * 1024

/**
 * Checks every request before its route runs, including requests of the upload protocols: the credential, its scopes, the owner of the
 * resource and the rate. Each route declares its requirements in its `config` (`RoutePolicy`), so a new route needs no line here.
 *
 * Only these routes are `public`: health checks, whose callers have no key; the documentation; and the files of the web page, which contains
 * the sign-in. `/metrics` is not public, because it shows how much is stored, and Prometheus can send a key.
 */
export async function guard(app: FastifyInstance, deps: GuardDeps): Promise<void> {
  const { config, db, signer, guests, isAllowedOrigin } = deps
  const identify = await identification({ auth: config.auth, db, signer, guests })
  const count = await counter(app, config.rateLimit, deps.requestCounts)
  const watch = new CredentialWatch(identify, app.log)
  const requests = new Shares(SHARES.requests, deps.shareCounts)
  const bodies = new Shares(SHARES.largeBodies)
  app.addHook('onClose', async () => watch.close())
  app.decorateRequest('access')
  app.decorateRequest('uploadLink')
  app.decorateRequest('endStream', null)
  app.decorateRequest('checkCredential', function (this: FastifyRequest) {
    return watch.check(this)
  })

  /** Counts a request in progress. @throws ApiError 429, or 503 for bytes of an upload, because upload clients retry only after 503. */
  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    watch.watch(request, reply)
    if (config.auth.kind !== 'none') await requests.take(request, reply, carriesUpload(request) ? 503 : 429)
    if (hasLargeBody(request)) await bodies.take(request, reply)
  }

  async function decide(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const needed = neededFor(request)
    // Without sign-in, any web page could send requests through a user's browser.
    if (config.auth.kind === 'none' && policyOf(request)?.host !== 'any')
      requireOwnPage(request, { ...config, isAllowedOrigin })
    if (needed === 'public') {
      // No route has this method. A request with a signed link gets 403 instead of 404.
      if (request.is404 && (request.query as { signature?: unknown }).signature !== undefined)
        await identify(request)
      return
    }
    const identity = await identify(request)
    if (!identity) throw new ApiError(401, 'unauthenticated', SIGN_IN)
    const { access, isForThis, uploadLink, isByCookie } = identity
    if (isByCookie) requireOwnOrigin(request, { ...config, isAllowedOrigin })
    request.access = access
    request.uploadLink = uploadLink
    if (!needed.some(scope => hasScope(access, scope)))
      throw new ApiError(403, 'insufficient_scope', `This request needs the scope ${needed.join(' or ')}.`)
    if (isUploadRoute(request)) await useOwnId(request.params as { id?: string }, db)
    if (!isForThis) await requireVisible(request, access)
    await admit(request, reply)
  }

  async function requireVisible(request: FastifyRequest, access: Access): Promise<void> {
    const { owned } = policyOf(request) ?? {}
    const { id = '' } = request.params as { id?: string }
    // The route's validation rejects any other id.
    if (owned === undefined || owned === 'handler' || !isUuid(id)) return
    const { table, name } = OWNED[owned]
    if (!(await canSee(db, access, table, id))) throw notFound(name)
  }

  // After all onRequest hooks, which add the CORS headers, so that pages of allowed origins can read errors.
  app.addHook('preParsing', async (request, reply) => {
    request.access = NOTHING
    try {
      await decide(request, reply)
      if (!carriesUpload(request)) await count(request, reply)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500) {
        // In the IETF protocol, a client could read an error without this header as a complete upload.
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

/** Whether the body is JSON that is parsed before the route runs, and is large or of unknown size. */
function hasLargeBody(request: FastifyRequest): boolean {
  const { headers } = request
  if (isStreamed(request)) return false
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > LARGE_BYTES
}

/** The scopes that permit a request; any one of them is sufficient. `public` if it needs no scope. */
function neededFor(request: FastifyRequest): readonly Scope[] | 'public' {
  if (request.is404) return 'public'
  const { access } = policyOf(request) ?? {}
  if (access === 'public') return 'public'
  if (access !== 'upload') return [access ?? 'admin']
  const method = methodOf(request)
  // Browsers send OPTIONS without a credential, and the response contains no secret.
  return method === 'OPTIONS' ? 'public' : method === 'HEAD' ? ['read', 'write'] : ['write']
}

type Count = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Counts requests per credential, or per client address without a valid credential. @throws ApiError 429 */
async function counter(
  app: FastifyInstance,
  max: number | undefined,
  shared: RequestCounts | undefined,
): Promise<Count> {
  if (max === undefined) return async () => {}
  await app.register(rateLimit, { global: false, ...(shared && { store: storeOf(shared) }) })
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
    throw new ApiError(429, 'too_many_requests', `Too many requests. Try again in ${seconds} s.`)
  }
}

/** Wraps the counts in a class, as the plugin requires. Credentials and addresses have different keys, so they share one store. */
function storeOf(counts: RequestCounts) {
  return class Store implements FastifyRateLimitStore {
    incr(
      key: string,
      done: (error: Error | null, result?: { current: number; ttl: number }) => void,
      windowMs: number,
      max: number,
    ): void {
      counts.add(key, max, windowMs).then(counted => done(null, counted), done)
    }

    child(): Store {
      return this
    }
  }
}

/** The WWW-Authenticate header (RFC 6750 §3). */
function challengeOf(error: ApiError, request: FastifyRequest): string | undefined {
  const realm = 'Bearer realm="longtake"'
  if (error.code === 'unauthenticated') return realm
  if (error.code === 'invalid_token') return `${realm}, error="invalid_token"`
  if (error.code !== 'insufficient_scope') return undefined
  const needed = neededFor(request)
  return `${realm}, error="insufficient_scope", scope="${needed === 'public' ? '' : needed.join(' ')}"`
}

/** Changes a temporary error of HEAD to 423: tus-js-client repeats the request after 423, but starts the upload over after 5xx and 429. */
export function forUpload(request: FastifyRequest, error: unknown): unknown {
  if (!isUploadRoute(request) || methodOf(request) !== 'HEAD') return error
  const isFinal = error instanceof ApiError && error.status < 500 && error.status !== 429
  return isFinal
    ? error
    : new ApiError(423, 'unavailable', 'The state of the upload cannot be read now. Try again.')
}
