import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import {
  createShareLink,
  listShareLinks,
  revokeShareLink,
  type ShareLink,
  videoOfShareLink,
} from '../../access/share-links.ts'
import { ApiError, notFound } from '../../base/errors.ts'
import type { Schema } from '../../database/schema.ts'
import { getVideoRow } from '../../videos/catalogue/videos.ts'
import { canSee } from '../../videos/catalogue/viewer.ts'
import { type FromSchema, type TypedApp, typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'

/** Links of one video that are not revoked. */
const MAX_LINKS = 100
const MAX_TEXT_LENGTH = 200
const MAX_LIFETIME_S = 3650 * 86_400
const time = { type: 'string', format: 'date-time' } as const
const noTime = { type: ['string', 'null'], format: 'date-time' } as const

const name = {
  type: 'string',
  maxLength: MAX_TEXT_LENGTH,
  description: 'A note on the purpose of the link.',
  examples: ['For the board'],
} as const
const properties = {
  id: { type: 'string', format: 'uuid' },
  name,
  has_password: { type: 'boolean', description: 'Whether guests must enter a password.' },
  created_by: {
    type: ['string', 'null'],
    description: 'The owner of the key or session that created the link. Null if the server has no sign-in.',
    examples: ['alice'],
  },
  created_at: time,
  expires_at: { ...noTime, description: 'Null if the link does not expire.' },
  opened_count: { type: 'integer', description: 'Number of times that the page was opened.' },
  last_opened_at: noTime,
} as const
const required = [
  'id',
  'name',
  'has_password',
  'created_by',
  'created_at',
  'expires_at',
  'opened_count',
  'last_opened_at',
] as const
const shareLink = { type: 'object', required, properties } as const
const shareLinkList = {
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: shareLink } },
} as const
const createdShareLink = {
  type: 'object',
  required: ['url', ...required],
  properties: {
    url: {
      type: 'string',
      description: 'The page for guests. The link is not stored, so only this response contains it.',
      examples: ['/s/Zm9v…'],
    },
    ...properties,
  },
} as const
const newShareLink = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name,
    password: { type: 'string', minLength: 1, maxLength: MAX_TEXT_LENGTH, examples: ['open sesame'] },
    expires_in: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_LIFETIME_S,
      description: 'Lifetime of the link in seconds. Without it, the link is valid until it is revoked.',
      examples: [604_800],
    },
  },
} as const

/** Links for guests without an account (`/s/{token}`). They can be revoked, unlike signed links. */
export async function shareLinkRoutes(
  plainApp: FastifyInstance,
  { db, base }: { readonly db: Kysely<Schema>; readonly base: string },
): Promise<void> {
  const app = typed(plainApp)
  app.get(
    '/videos/:id/shares',
    {
      config: { access: 'read', owned: 'videos' },
      schema: {
        tags: ['videos'],
        operationId: 'listShareLinks',
        summary: 'List the share links of a video, the newest first',
        params: byId,
        response: { 200: shareLinkList, ...problems(400, 404) },
      },
    },
    async ({ params }, reply): Promise<FromSchema<typeof shareLinkList>> => {
      await getVideoRow(db, params.id)
      reply.header('cache-control', 'no-store')
      return { items: (await listShareLinks(db, params.id)).map(view) }
    },
  )

  app.post(
    '/videos/:id/shares',
    {
      config: { access: 'write', owned: 'videos', hasSecret: true },
      schema: {
        tags: ['videos'],
        operationId: 'createShareLink',
        summary: 'Create a share link',
        description:
          'Everybody with the link can watch the video and read its transcript, without an account, until the link expires or is revoked.',
        params: byId,
        body: newShareLink,
        response: { 201: createdShareLink, ...problems(400, 404, 413, 415, 429) },
      },
    },
    async ({ params, body, access }, reply): Promise<FromSchema<typeof createdShareLink>> => {
      const { name: note = '', password, expires_in } = body
      await getVideoRow(db, params.id)
      if ((await listShareLinks(db, params.id)).length >= MAX_LINKS)
        throw new ApiError(
          429,
          'too_many_links',
          `The video has ${MAX_LINKS} share links. Revoke some of them first.`,
        )
      const { token, link } = await createShareLink(db, {
        videoId: params.id,
        createdBy: access.owner,
        name: note,
        password,
        expiresAt: expires_in === undefined ? undefined : new Date(Date.now() + expires_in * 1000),
      })
      reply.code(201).header('cache-control', 'no-store')
      return { url: `${base}/s/${token}`, ...view(link) }
    },
  )

  revocationRoute(app, db)
}

function revocationRoute(app: TypedApp, db: Kysely<Schema>): void {
  app.delete(
    '/shares/:id',
    {
      // The path has the id of the link, so the handler checks who owns the video.
      config: { access: 'write', owned: 'handler' },
      schema: {
        tags: ['videos'],
        operationId: 'revokeShareLink',
        summary: 'Revoke a share link',
        description: 'The link is invalid at once. Playback in progress ends within seconds.',
        params: byId,
        response: { 204: { type: 'null', description: 'Revoked.' }, ...problems(400, 404) },
      },
    },
    async ({ params, access }, reply) => {
      const videoId = await videoOfShareLink(db, params.id)
      if (videoId === undefined || !(await canSee(db, access, 'all_videos', videoId)))
        throw notFound('The link')
      await revokeShareLink(db, params.id)
      return reply.code(204).send()
    },
  )
}

function view(link: ShareLink): FromSchema<typeof shareLink> {
  const { id, name: note, password, created_by, created_at, expires_at, opened_count, last_opened_at } = link
  return {
    id,
    name: note,
    has_password: password !== null,
    created_by,
    created_at: created_at.toISOString(),
    expires_at: expires_at?.toISOString() ?? null,
    opened_count,
    last_opened_at: last_opened_at?.toISOString() ?? null,
  }
}
