import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { isOwner } from '../../access/access.ts'
import { LINK_KINDS, type LinkKind, type LinkSigner } from '../../access/signed-links.ts'
import { ApiError } from '../../base/errors.ts'
import { MAX_OWNER_LENGTH } from '../../base/limits.ts'
import type { Config } from '../../config/config.ts'
import type { Schema } from '../../database/schema.ts'
import { createUploadLink } from '../../uploads/core/upload-links.ts'
import type { UploadStore } from '../../uploads/core/upload-store.ts'
import { getVideo } from '../../videos/catalogue/videos.ts'
import { type FromSchema, type TypedApp, typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'
import { viewVideo } from './video-view.ts'

export interface LinkRouteDeps {
  readonly db: Kysely<Schema>
  readonly config: Config
  readonly store: UploadStore
  readonly signer: LinkSigner
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
}

const KINDS = Object.keys(LINK_KINDS) as LinkKind[]
const NAMES = KINDS.flatMap<string>(kind => LINK_KINDS[kind])

const lifetime = {
  type: 'integer',
  minimum: 1,
  maximum: 7 * 86_400,
  default: 3600,
  description: 'Lifetime of the link in seconds.',
} as const
const time = { type: 'string', format: 'date-time' } as const

const linkRequest = {
  type: 'object',
  required: ['kinds'],
  additionalProperties: false,
  properties: {
    kinds: { type: 'array', minItems: 1, maxItems: KINDS.length, items: { type: 'string', enum: KINDS } },
    expires_in: lifetime,
  },
} as const
const signedLinks = {
  type: 'object',
  required: ['expires_at', 'links'],
  properties: {
    expires_at: time,
    links: {
      type: 'object',
      description: 'The requested links by name. A link is null if its file does not exist yet.',
      properties: Object.fromEntries(NAMES.map(name => [name, { type: ['string', 'null'] } as const])),
    },
  },
} as const

const uploadLinkRequest = {
  type: 'object',
  additionalProperties: false,
  properties: {
    max_size: {
      type: 'integer',
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Maximum size of the upload in bytes. Default: the limit of the server.',
    },
    expires_in: lifetime,
    owner: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_OWNER_LENGTH,
      description: 'The owner of the upload. Default: the caller. Only an admin may name another owner.',
    },
  },
} as const
const uploadLink = {
  type: 'object',
  required: ['url', 'max_size', 'expires_at'],
  properties: {
    url: {
      type: 'string',
      description: 'Create the upload at this URL.',
      examples: ['/uploads?link=2mT0…'],
    },
    max_size: { type: 'integer', description: 'Maximum size of the upload in bytes.' },
    expires_at: time,
  },
} as const

/** Links that are credentials, for HTML elements, which cannot send headers, and for people without a key. */
export async function linkRoutes(app: FastifyInstance, deps: LinkRouteDeps): Promise<void> {
  signedLinksRoute(typed(app), deps)
  uploadLinkRoute(typed(app), deps)
}

function signedLinksRoute(app: TypedApp, { db, signer, base }: LinkRouteDeps): void {
  app.post(
    '/videos/:id/links',
    {
      // A link never permits more than its creator's own permissions.
      config: { access: 'read', owned: 'videos', hasSecret: true },
      schema: {
        tags: ['media'],
        operationId: 'createLinks',
        summary: 'Create signed links',
        description:
          'Signed links need no key. Use them for `<video>`, `<img>`, `<iframe>` and `EventSource`, which cannot send one. Anyone with such a link can ' +
          'GET its target until the link expires. A link of the kind `embed` is valid for the page with the player and for all files that the page loads.',
        params: byId,
        body: linkRequest,
        response: { 201: signedLinks, ...problems(400, 404, 413, 415) },
      },
    },
    async (request, reply): Promise<FromSchema<typeof signedLinks>> => {
      const { kinds, expires_in } = request.body
      const { id, links } = viewVideo(await getVideo(db, request.params.id), base)
      const expires = Math.floor(Date.now() / 1000) + expires_in
      const signed = kinds.flatMap(kind => {
        const query = signer.sign({ videoId: id, kind, expires })
        return LINK_KINDS[kind].map(name => {
          const link = links[name]
          return [name, link && `${link.split('?')[0]}?${query}`] as const
        })
      })
      reply.code(201).header('cache-control', 'no-store')
      return { expires_at: new Date(expires * 1000).toISOString(), links: Object.fromEntries(signed) }
    },
  )
}

function uploadLinkRoute(app: TypedApp, { db, config, store, base }: LinkRouteDeps): void {
  app.post(
    '/uploads/links',
    {
      config: { access: 'write', hasSecret: true },
      schema: {
        tags: ['uploads'],
        operationId: 'createUploadLink',
        summary: 'Create a link for one upload',
        description:
          'For browsers and apps without a key. Until the link expires, one upload can be created at `url` with tus or the IETF protocol. The ' +
          '`Location` of the upload is also such a link: it can be used to send, query and cancel the upload.',
        body: uploadLinkRequest,
        response: { 201: uploadLink, ...problems(400, 413, 415, 429) },
      },
    },
    async (request, reply): Promise<FromSchema<typeof uploadLink>> => {
      const { max_size = config.maxUploadSize, expires_in, owner = request.access.owner } = request.body
      if (owner !== request.access.owner && !request.access.all)
        throw new ApiError(
          403,
          'insufficient_scope',
          'Only an admin may create links for another owner.',
          'owner',
        )
      if (owner !== null && !isOwner(owner))
        throw new ApiError(400, 'invalid_request', 'owner must not contain control characters.', 'owner')
      const maxSize = Math.min(max_size, config.maxUploadSize)
      const link = { owner, maxSize, life: expires_in }
      const { token, expiresAt } = await createUploadLink(db, link, store.limits)
      reply.code(201).header('cache-control', 'no-store')
      return {
        url: `${base}/uploads?link=${token}`,
        max_size: maxSize,
        expires_at: expiresAt.toISOString(),
      }
    },
  )
}
