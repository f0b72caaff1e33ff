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

export interface LinkRouteParts {
  readonly db: Kysely<Schema>
  readonly config: Config
  readonly store: UploadStore
  readonly signer: LinkSigner
  /** What links begin with. */
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

/** Links that are credentials themselves: for tags that send no headers, and for people who have no key. */
export async function linkRoutes(app: FastifyInstance, parts: LinkRouteParts): Promise<void> {
  const { db, config, store, signer, base } = parts

  app.post<ById & { Body: { kinds: LinkKind[]; expires_in: number } }>(
    '/videos/:id/links',
    {
      // Whoever may look may let a player look.
      config: { access: 'read', owned: 'videos', hasSecret: true },
      schema: {
        tags: ['media'],
        operationId: 'createLinks',
        summary: 'Sign links',
        description:
          'For `<video>`, `<img>`, `<iframe>` and `EventSource`, which send no key: whoever has such a link can GET what it is for until it expires. ' +
          'A link of the kind `embed` opens the page with the player and what that loads.',
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
                description: 'Those that were asked for; null where there is no such thing (yet).',
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
        summary: 'Make a link for one upload',
        description:
          'For a browser or an app that has no key: one upload can be begun at `url`, by tus or by the IETF draft, until it expires; its Location ' +
          'is a link likewise, which that upload can be sent, asked for and given up by, as long as it stands.',
        body: {
          type: 'object',
          additionalProperties: false,
          properties: {
            max_size: {
              type: 'integer',
              minimum: 1,
              maximum: Number.MAX_SAFE_INTEGER,
              description: 'Bytes; what the server takes where it is absent.',
            },
            expires_in: life,
            owner: {
              type: 'string',
              minLength: 1,
              maxLength: MAX_OWNER_LENGTH,
              description: 'Whose it will be, where an admin asks; else it belongs to whoever asks.',
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
        throw new ApiError(403, 'insufficient_scope', 'Only an admin makes links for others.', 'owner')
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
