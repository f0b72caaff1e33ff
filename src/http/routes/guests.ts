import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import {
  countAttempt,
  countOpening,
  findShareLink,
  isPassword,
  type ShareLink,
} from '../../access/share-links.ts'
import { ApiError } from '../../base/errors.ts'
import type { Schema } from '../../database/schema.ts'
import { findVideo, hasSource, type Video } from '../../videos/catalogue/videos.ts'
import { currentTranscript } from '../../videos/transcripts/transcripts.ts'
import { guestHeaders, passwordPage, watchPage } from '../guest-page.ts'
import type { GuestPasses } from '../guest-passes.ts'
import { basePath, escapeHtml } from '../html.ts'
import { languageFor, type PageLanguage } from '../languages.ts'
import { stillUploading } from '../not-ready.ts'
import { type TypedApp, typed } from '../schema-types.ts'

const FORM = 'application/x-www-form-urlencoded'
const MAX_FORM_BYTES = 4096
/** Size of an embedded player whose video has no size yet, in pixels. */
const DEFAULT_SIZE = { width: 1280, height: 720 }

export interface GuestRouteDeps {
  readonly db: Kysely<Schema>
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
  readonly mediaOrigin: string | undefined
  readonly guests: GuestPasses
}

const byToken = {
  type: 'object',
  required: ['token'],
  properties: { token: { type: 'string' } },
} as const
const PUBLIC = { config: { access: 'public' }, schema: { hide: true, params: byToken } } as const

/** Pages for guests with a share link, who have no account: the video with its transcript, and previews of the link. */
export async function guestRoutes(plainApp: FastifyInstance, deps: GuestRouteDeps): Promise<void> {
  const app = typed(plainApp)
  const headers = guestHeaders(deps.mediaOrigin)
  const { db, base, guests } = deps
  app.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: MAX_FORM_BYTES }, (_request, body, done) =>
    done(null, String(body)),
  )

  app.get('/s/:token', PUBLIC, async (request, reply) => {
    const { token } = request.params
    const { link, video } = await requireLink(db, token)
    const language = languageFor(request, reply)
    reply.headers(headers)
    if (!guests.admits(request, link))
      return reply.code(401).send(passwordPage(language, pathOf(base, token)))
    if (!hasSource(video)) throw stillUploading(reply)
    if (request.method === 'GET') await countOpening(db, link.id)
    const { segments = [] } = (await currentTranscript(db, video.id)) ?? {}
    const origin = originOf(request, base)
    const page = `${origin}${pathOf(base, token)}`
    return reply.send(
      watchPage({
        language,
        video,
        segments,
        link: linkOf(base, video, token),
        origin,
        oembed: `${basePath(base)}/oembed?${new URLSearchParams({ url: page })}`,
      }),
    )
  })

  app.post('/s/:token', PUBLIC, async (request, reply) => {
    const { token } = request.params
    const { link } = await requireLink(db, token)
    const language = languageFor(request, reply)
    const problem = await refusal(db, link, request, reply, language)
    if (problem !== undefined)
      return reply.headers(headers).send(passwordPage(language, pathOf(base, token), problem))
    guests.give(request, reply, link)
    return reply.header('cache-control', 'no-store').redirect(pathOf(base, token), 303)
  })

  oembedRoute(app, deps)
}

/** Previews of links in other programs (oEmbed 1.0). */
function oembedRoute(app: TypedApp, { db, base, guests }: GuestRouteDeps): void {
  const limit = { type: 'integer', minimum: 1, maximum: 100_000 } as const
  const querystring = {
    type: 'object',
    required: ['url'],
    properties: { url: { type: 'string' }, format: { type: 'string' }, maxwidth: limit, maxheight: limit },
  } as const
  app.get(
    '/oembed',
    { config: { access: 'public' }, schema: { hide: true, querystring } },
    async (request, reply) => {
      const { url, format = 'json', maxwidth = Infinity, maxheight = Infinity } = request.query
      if (format !== 'json') throw new ApiError(501, 'invalid_request', 'The format must be json.', 'format')
      const origin = originOf(request, base)
      const prefix = `${origin}${pathOf(base, '')}`
      const token = url.startsWith(prefix) ? url.slice(prefix.length).replace(/[/?#].*$/, '') : ''
      const { link, video } = await requireLink(db, token)
      if (!guests.admits(request, link)) throw unknownLink()
      const size = { width: video.width ?? DEFAULT_SIZE.width, height: video.height ?? DEFAULT_SIZE.height }
      const scale = Math.min(1, maxwidth / size.width, maxheight / size.height)
      const [width, height] = [size.width, size.height].map(pixels => Math.max(1, Math.floor(pixels * scale)))
      const player = escapeHtml(origin + linkOf(base, video, token)('embed'))
      return reply.header('cache-control', 'no-store').send({
        version: '1.0',
        type: 'video',
        provider_name: 'Longtake',
        title: video.title,
        width,
        height,
        html: `<iframe src="${player}" width="${width}" height="${height}" allow="fullscreen" title="${escapeHtml(video.title)}"></iframe>`,
        ...(video.artifacts.some(({ kind }) => kind === 'poster') && {
          thumbnail_url: origin + linkOf(base, video, token)('poster'),
          thumbnail_width: size.width,
          thumbnail_height: size.height,
        }),
      })
    },
  )
}

/** Checks the password in a form. @returns why the guest is not admitted, as a sentence to show. */
async function refusal(
  db: Kysely<Schema>,
  link: ShareLink,
  { body }: FastifyRequest,
  reply: FastifyReply,
  { say, sayCount }: PageLanguage,
): Promise<string | undefined> {
  if (link.password === null) return undefined
  const waitS = await countAttempt(db, link.id)
  if (waitS !== undefined) {
    reply.code(429).header('retry-after', waitS)
    return sayCount(
      waitS,
      'Too many attempts. Try again in {count} second.',
      'Too many attempts. Try again in {count} seconds.',
    )
  }
  const password = typeof body === 'string' ? new URLSearchParams(body).get('password') : undefined
  if (password && (await isPassword(link.password, password))) return undefined
  reply.code(401)
  return say('Wrong password. Try again.')
}

/** @throws ApiError 404, the same for unknown, expired and revoked links and for deleted videos. */
async function requireLink(db: Kysely<Schema>, token: string): Promise<{ link: ShareLink; video: Video }> {
  const link = await findShareLink(db, token)
  const video = link && (await findVideo(db, link.video_id))
  if (!video) throw unknownLink()
  return { link, video }
}

function unknownLink(): ApiError {
  return new ApiError(404, 'share_link_gone', 'The link does not exist, has expired or was withdrawn.')
}

function pathOf(base: string, token: string): string {
  return `${basePath(base)}/s/${token}`
}

function linkOf(base: string, { id }: Video, token: string): (path: string) => string {
  return path => `${basePath(base)}/videos/${id}/${path}?share=${token}`
}

/** The origin for addresses that other services read. */
function originOf(request: FastifyRequest, base: string): string {
  return base ? new URL(base).origin : `${request.protocol}://${request.host}`
}
