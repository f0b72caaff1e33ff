import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import type { Access } from '../../access/access.ts'
import { createSession, endSession } from '../../access/sessions.ts'
import { ApiError } from '../../base/errors.ts'
import { MAX_OWNER_LENGTH } from '../../base/limits.ts'
import type { Schema } from '../../database/schema.ts'
import { SCOPES } from '../../database/tables/access.ts'
import { type FromSchema, typed } from '../schema-types.ts'
import { problems } from '../schemas.ts'
import { sessionCookieOf, setSessionCookie } from '../session-cookie.ts'

const session = {
  type: 'object',
  required: ['owner', 'scopes', 'expires_at'],
  properties: {
    owner: { type: 'string', maxLength: MAX_OWNER_LENGTH, examples: ['alice'] },
    scopes: { type: 'array', items: { type: 'string', enum: SCOPES }, examples: [['read', 'write']] },
    expires_at: {
      type: ['string', 'null'],
      format: 'date-time',
      description: 'Null if the request has a key, which does not expire.',
      examples: ['2030-01-31T12:00:00.000Z'],
    },
  },
} as const

/** Sessions of browsers. A browser exchanges a key or token for a cookie that scripts cannot read. */
export async function sessionRoutes(
  plainApp: FastifyInstance,
  { db, base }: { readonly db: Kysely<Schema>; readonly base: string },
): Promise<void> {
  const app = typed(plainApp)
  app.post(
    '/session',
    {
      config: { access: 'read', hasSecret: true },
      schema: {
        tags: ['service'],
        operationId: 'createSession',
        summary: 'Sign in',
        description:
          'For browsers. The response sets a cookie with the permissions of the key or token in `Authorization`. The cookie is valid for 30 ' +
          'days, or until the token expires or the key is revoked. Pages of other origins cannot change anything with this cookie.',
        response: { 201: session, ...problems(409) },
      },
    },
    async (request, reply): Promise<FromSchema<typeof session>> => {
      const { access } = request
      if (access.owner === null)
        throw new ApiError(409, 'no_sign_in', 'This server has no sign-in (AUTH=none).')
      const created = await createSession(db, access)
      setSessionCookie(request, reply, base, created)
      reply.code(201).header('cache-control', 'no-store')
      return view({ ...access, endsAt: created.expiresAt.getTime() })
    },
  )

  app.get(
    '/session',
    {
      config: { access: 'read' },
      schema: {
        tags: ['service'],
        operationId: 'getSession',
        summary: 'Get the permissions of the key, token or session',
        response: { 200: session, ...problems(409) },
      },
    },
    async ({ access }, reply): Promise<FromSchema<typeof session>> => {
      reply.header('cache-control', 'no-store')
      return view(access)
    },
  )

  app.delete(
    '/session',
    {
      // Public, because it must also remove the cookie of a session that has expired.
      config: { access: 'public' },
      schema: {
        tags: ['service'],
        operationId: 'deleteSession',
        summary: 'Sign out',
        response: { 204: { type: 'null', description: 'The session has ended.' } },
      },
    },
    async (request, reply) => {
      const cookie = sessionCookieOf(request)
      if (cookie !== undefined) await endSession(db, cookie)
      setSessionCookie(request, reply, base)
      return reply.code(204).send()
    },
  )
}

function view({ owner, scopes, endsAt }: Access): FromSchema<typeof session> {
  if (owner === null) throw new ApiError(409, 'no_sign_in', 'This server has no sign-in (AUTH=none).')
  return {
    owner,
    scopes: [...scopes],
    expires_at: endsAt === undefined ? null : new Date(endsAt).toISOString(),
  }
}
