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
import { type ById, byId, problems } from '../schemas.ts'
import { viewVideo } from './video-view.ts'

export interface LinkRouteDeps {
  readonly db: Kysely<Schema>
  readonly config: Config
  readonly store: UploadStore
  readonly signer: LinkSigner
  /** The prefix of links. */
  readonly base: string
}

const KINDS = Object.keys(LINK_KINDS) as LinkKind[]
const NAMES = KINDS.flatMap<string>(kind => LINK_KINDS[kind])

const life = {
  type: 'integer',
  minimum: 1,
  maximum: 7 * 86_400,
  default: 3600,
  description: 'Seconds.',
} as const

/** Links that are credentials: for HTML elements, which send no headers, and for people without a key. */
export async function linkRoutes(app: FastifyInstance, deps: LinkRouteDeps): Promise<void> {
  const { db, config, store, signer, base } = deps

  app.post<ById & { Body: { kinds: LinkKind[]; expires_in: number } }>(
    '/videos/:id/links',
    {
      // A link gives no more than its creator has.
      config: { access: 'read', owned: 'videos', hasSecret: true },
      schema: {
        tags: ['media'],
        operationId: 'createLinks',
        summary: 'Sign links',
        description:
          'For `<video>`, `<img>`, `<iframe>` and `EventSource`, which cannot send a key: everyone who has such a link can GET its target until it expires. ' +
          'A link of the kind `embed` opens the page with the player and everything that the page loads.',
        params: byId,
        body: {
          type: 'object',
          required: ['kinds'],
          additionalProperties: false,
          properties: {
            kinds: {
              type: 'array',
              minItems: 1,
              maxItems: KINDS.length,
              items: { type: 'string', enum: KINDS },
            },
            expires_in: life,
          },
        },
        response: {
          201: {
            type: 'object',
            required: ['expires_at', 'links'],
            properties: {
              expires_at: { type: 'string', format: 'date-time' },
              links: {
                type: 'object',
                description: 'The requested links; null if the video has no such file, or not yet.',
                properties: Object.fromEntries(NAMES.map(name => [name, { type: ['string', 'null'] }])),
              },
            },
          },
          ...problems(400, 404, 413, 415),
        },
      },
    },
    async (request, reply) => {
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

  app.post<{ Body: { max_size?: number; expires_in: number; owner?: string } }>(
    '/uploads/links',
    {
      config: { access: 'write', hasSecret: true },
      schema: {
        tags: ['uploads'],
        operationId: 'createUploadLink',
        summary: 'Create a link for one upload',
        description:
          'For a browser or an app without a key: one upload can be created at `url`, by tus or by the IETF protocol, until the link expires. The ' +
          'Location of the upload is also a link: it can be used to send, query and cancel the upload as long as the upload exists.',
        body: {
          type: 'object',
          additionalProperties: false,
          properties: {
            max_size: {
              type: 'integer',
              minimum: 1,
              maximum: Number.MAX_SAFE_INTEGER,
              description: 'Bytes. The limit of the server if absent.',
            },
            expires_in: life,
            owner: {
              type: 'string',
              minLength: 1,
              maxLength: MAX_OWNER_LENGTH,
              description: 'Owner of the upload. Only an admin may name another owner than itself.',
            },
          },
        },
        response: {
          201: {
            type: 'object',
            required: ['url', 'max_size', 'expires_at'],
            properties: {
              url: { type: 'string', examples: ['/uploads?link=2mT0…'] },
              max_size: { type: 'integer' },
              expires_at: { type: 'string', format: 'date-time' },
            },
          },
          ...problems(400, 413, 415, 429),
        },
      },
    },
    async (request, reply) => {
      const { max_size = config.maxUploadSize, expires_in, owner = request.access.owner } = request.body
      if (owner !== request.access.owner && !request.access.all)
        throw new ApiError(
          403,
          'insufficient_scope',
          'Only an admin may create links for other owners.',
          'owner',
        )
      if (owner !== null && !isOwner(owner))
        throw new ApiError(400, 'invalid_request', 'owner has control characters.', 'owner')
      const maxSize = Math.min(max_size, config.maxUploadSize)
      const { token, expiresAt } = await createUploadLink(
        db,
        { owner, maxSize, life: expires_in },
        store.limits,
      )
      reply.code(201).header('cache-control', 'no-store')
      return {
        url: `${base}/uploads?link=${token}`,
        max_size: maxSize,
        expires_at: expiresAt.toISOString(),
      }
    },
  )
}
