import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { isOwner } from '../../access/access.ts'
import { type ApiKey, createKey, listKeys, revokeKey } from '../../access/api-keys.ts'
import { ApiError, notFound } from '../../base/errors.ts'
import { MAX_OWNER_LENGTH } from '../../base/limits.ts'
import type { Schema } from '../../database/schema.ts'
import { SCOPES } from '../../database/tables/access.ts'
import { type FromSchema, typed } from '../schema-types.ts'
import { problems } from '../schemas.ts'

const MAX_NAME_LENGTH = 200
const time = { type: 'string', format: 'date-time' } as const
const scopes = {
  type: 'array',
  minItems: 1,
  maxItems: SCOPES.length,
  items: { type: 'string', enum: SCOPES },
  description: '`admin` includes the other scopes and gives access to the videos of all owners.',
  examples: [['read', 'write']],
} as const
const properties = {
  id: { type: 'string', format: 'uuid' },
  owner: {
    type: 'string',
    minLength: 1,
    maxLength: MAX_OWNER_LENGTH,
    description: 'The owner whose videos the key can create and see.',
    examples: ['alice'],
  },
  scopes,
  name: {
    type: 'string',
    maxLength: MAX_NAME_LENGTH,
    description: 'A note on the purpose of the key.',
    examples: ['Phone'],
  },
  created_at: time,
  revoked_at: { type: ['string', 'null'], format: 'date-time', examples: [null] },
} as const
const required = ['id', 'owner', 'scopes', 'name', 'created_at', 'revoked_at'] as const
const apiKey = { type: 'object', required, properties } as const
const keyList = {
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: apiKey } },
} as const
const createdKey = {
  type: 'object',
  required: ['secret', ...required],
  properties: {
    secret: {
      type: 'string',
      description: 'The key. It is not stored, so only this response contains it.',
      examples: ['longtake_h1DEn…'],
    },
    ...properties,
  },
} as const

/** API keys (`AUTH=api_key`), for admins. */
export async function keyRoutes(
  plainApp: FastifyInstance,
  { db }: { readonly db: Kysely<Schema> },
): Promise<void> {
  const app = typed(plainApp)
  app.get(
    '/keys',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['service'],
        operationId: 'listKeys',
        summary: 'List the API keys, the oldest first',
        response: { 200: keyList },
      },
    },
    async (_request, reply): Promise<FromSchema<typeof keyList>> => {
      reply.header('cache-control', 'no-store')
      return { items: (await listKeys(db)).map(view) }
    },
  )

  app.post(
    '/keys',
    {
      config: { access: 'admin', hasSecret: true },
      schema: {
        tags: ['service'],
        operationId: 'createKey',
        summary: 'Create an API key',
        body: {
          type: 'object',
          required: ['owner'],
          additionalProperties: false,
          properties: { owner: properties.owner, scopes, name: properties.name },
        } as const,
        response: { 201: createdKey, ...problems(400, 413, 415) },
      },
    },
    async ({ body }, reply): Promise<FromSchema<typeof createdKey>> => {
      const { owner, name = '' } = body
      if (!isOwner(owner))
        throw new ApiError(400, 'invalid_request', 'owner must not contain control characters.', 'owner')
      const named = body.scopes ?? ['read', 'write']
      const created = await createKey(db, { owner, scopes: SCOPES.filter(s => named.includes(s)), name })
      reply.code(201).header('cache-control', 'no-store')
      return { secret: created.secret, ...view(created.key) }
    },
  )

  app.delete(
    '/keys/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['service'],
        operationId: 'revokeKey',
        summary: 'Revoke an API key',
        description:
          'The key and its sessions are invalid at once. Open downloads and streams end within seconds.',
        params: { type: 'object', required: ['id'], properties: { id: properties.id } } as const,
        response: { 204: { type: 'null', description: 'Revoked.' }, ...problems(400, 404) },
      },
    },
    async ({ params }, reply) => {
      if (!(await revokeKey(db, params.id))) throw notFound('The key')
      return reply.code(204).send()
    },
  )
}

function view({ created_at, revoked_at, ...key }: ApiKey): FromSchema<typeof apiKey> {
  return {
    ...key,
    created_at: created_at.toISOString(),
    revoked_at: revoked_at?.toISOString() ?? null,
  }
}
