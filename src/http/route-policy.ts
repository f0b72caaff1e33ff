import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { LinkKind } from '../access/signed-links.ts'
import type { Scope } from '../database/tables/access.ts'
import { uploadMethodOf } from './upload-method.ts'

/** Resources with an owner: the table that stores the owner, and the name of the resource in a 404. */
export const OWNED = {
  videos: { table: 'videos', name: 'The video' },
  /** A video that may be in the bin. */
  all_videos: { table: 'all_videos', name: 'The video' },
  uploads: { table: 'uploads', name: 'The upload' },
  recordings: { table: 'uploads', name: 'The recording' },
} as const

/** The `config` of a route. The service does not start if a declaration is missing (`requirePolicies`). */
export interface RoutePolicy {
  /**
   * The scope that a request needs. `public` needs no credential. `upload` is a route of the upload protocols: the scope depends on the
   * method, and an upload link can replace the key.
   */
  readonly access: Scope | 'public' | 'upload'
  /**
   * The resource that `:id` in the path names. The guard responds with 404 unless the caller may see it. `handler`: the handler checks the
   * owner, because the path has another parameter. Required if the path has a parameter, unless the route is public or for admins.
   */
  readonly owned?: keyof typeof OWNED | 'handler'
  /**
   * How the body is read. `json` (default): it is parsed before the handler runs, within limits of size and time. `stream`: the handler reads
   * it while it arrives. `upload`: like `stream`, for bytes of an upload in progress; the rate limit does not count these requests.
   */
  readonly body?: 'json' | 'stream' | 'upload'
  /** The kind of signed link that can replace a key (`POST /videos/{id}/links`). Only for GET of a video. */
  readonly signedLink?: LinkKind
  /** `any` for health checks and similar routes, which programs call by any name of this host. Other routes require a known host. */
  readonly host?: 'any'
}

declare module 'fastify' {
  interface FastifyContextConfig extends RoutePolicy {}
}

/** @returns undefined if no route matches the request. */
export function policyOf({ is404, routeOptions }: FastifyRequest): RoutePolicy | undefined {
  return is404 ? undefined : routeOptions.config
}

/** Whether a request is for the upload protocols. */
export function isUploadRoute(request: FastifyRequest): boolean {
  return policyOf(request)?.access === 'upload'
}

/** Whether the handler reads the body while it arrives. */
export function isStreamed(request: FastifyRequest): boolean {
  const { body = 'json' } = policyOf(request) ?? {}
  return body !== 'json'
}

/** Whether the body is bytes of an upload in progress. */
export function carriesUpload(request: FastifyRequest): boolean {
  return policyOf(request)?.body === 'upload'
}

/** The method of a request. On the upload routes a header can override it (tus 1.0.0, X-HTTP-Method-Override). */
export function methodOf(request: FastifyRequest): string {
  return isUploadRoute(request) ? uploadMethodOf(request) : request.method
}

/** Makes the start fail if a route lacks a declaration. Call it before the first route is added. */
export function requirePolicies(app: FastifyInstance): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', route => {
    routes.push(route)
  })
  // Not in onRoute, because a plugin can add the policies of its routes in its own onRoute hook, which runs later.
  app.addHook('onReady', async () => {
    for (const route of routes) {
      const problem = policyProblem(route.url, route.config)
      if (problem) throw new Error(`${route.method} ${route.url}: ${problem}`)
    }
  })
}

/** @returns the error in the declaration of a route; undefined if there is none. */
function policyProblem(url: string, policy: Partial<RoutePolicy> | undefined): string | undefined {
  const { access, owned, signedLink } = policy ?? {}
  if (access === undefined) return 'the config of the route must declare access.'
  const isGuarded = access !== 'public' && access !== 'admin'
  if (isGuarded && /[:*]/.test(url) && owned === undefined)
    return 'the path has a parameter, so the config must declare owned.'
  if (!isGuarded && owned !== undefined) return `owned has no effect with access ${access}.`
  if (owned !== undefined && owned !== 'handler' && !/\/:id(\/|$)/.test(url))
    return `owned: '${owned}' needs :id in the path.`
  if (signedLink !== undefined && owned !== 'videos') return "signedLink needs owned: 'videos'."
  return undefined
}
