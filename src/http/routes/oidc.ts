import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import { OidcProvider } from '../../access/oidc.ts'
import { durableSecret } from '../../access/secrets.ts'
import { createSession, endSession } from '../../access/sessions.ts'
import { ApiError } from '../../base/errors.ts'
import type { OidcConfig } from '../../config/config.ts'
import type { Schema } from '../../database/schema.ts'
import { typed } from '../schema-types.ts'
import { sessionCookieOf, setSessionCookie } from '../session-cookie.ts'
import { SignInCookies } from '../sign-in-cookie.ts'

const MAX_RETURN_LENGTH = 1000
/** These are steps of a browser's navigation, not operations of the API. HEAD would use up a code. */
const HIDDEN = { exposeHeadRoute: false, config: { access: 'public' } } as const

/** Sign-in with OpenID Connect: a browser goes to the provider and comes back to get a session (`/session`). */
export async function oidcRoutes(
  plainApp: FastifyInstance,
  { db, oidc }: { readonly db: Kysely<Schema>; readonly oidc: OidcConfig },
): Promise<void> {
  const app = typed(plainApp)
  const base = oidc.publicUrl
  const provider = new OidcProvider(oidc, `${base}/session/oidc/callback`)
  const key = Buffer.from(await durableSecret(db, 'sign-in'), 'base64url')
  const cookies = new SignInCookies(key, base)
  app.addHook('onListen', async () => {
    provider
      .check()
      .catch(error =>
        app.log.warn(
          { err: error, issuer: oidc.issuer },
          'the OpenID provider of OIDC_ISSUER does not respond as expected: people cannot sign in with it now',
        ),
      )
  })

  app.get(
    '/session/oidc',
    {
      ...HIDDEN,
      schema: {
        hide: true,
        querystring: {
          type: 'object',
          properties: { return_to: { type: 'string', maxLength: MAX_RETURN_LENGTH } },
        } as const,
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const target = targetOf(base, request.query.return_to ?? '')
      const { attempt, url } = await provider.begin().catch(logged(request))
      await cookies.add(request, reply, { ...attempt, target })
      return reply.redirect(url.href)
    },
  )

  app.get('/session/oidc/callback', { ...HIDDEN, schema: { hide: true } }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const { search } = new URL(request.url, base)
    const { state } = request.query as { state?: unknown }
    const begun = typeof state === 'string' ? await cookies.take(request, reply, state) : undefined
    if (!begun)
      throw new ApiError(400, 'sign_in_expired', 'This sign-in has expired or began in another browser.')
    const access = await provider.finish(search, begun).catch(logged(request))
    const previous = sessionCookieOf(request)
    if (previous !== undefined) await endSession(db, previous)
    setSessionCookie(request, reply, base, await createSession(db, access))
    return reply.redirect(begun.target)
  })
}

/** Logs why a sign-in failed, because the person gets no details. */
function logged({ log }: FastifyRequest): (error: Error) => never {
  return error => {
    const { cause = error } = error
    // The reason that the provider gives (RFC 6749 §4.1.2.1, §5.2).
    const { error: code, error_description: description } = cause as Record<string, unknown>
    log.warn({ err: cause, oauth_error: code, oauth_error_description: description }, 'sign-in failed')
    throw error
  }
}

/**
 * The address to open after the sign-in. It must be below the service's root, because a link to the sign-in could otherwise lead people to
 * any site (open redirect). @param path relative to the root. @throws ApiError 400
 */
function targetOf(base: string, path: string): string {
  const root = new URL(`${base}/`)
  const { origin, pathname, search, hash } = URL.canParse(path, root.href)
    ? new URL(path, root)
    : new URL('x:')
  if (origin !== root.origin || !pathname.startsWith(root.pathname))
    throw new ApiError(400, 'invalid_request', 'return_to must be a path below the service.', 'return_to')
  return origin + pathname + search + hash
}
