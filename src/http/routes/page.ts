import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { notFound } from '../../base/errors.ts'
import { sha256Stream } from '../../base/hash.ts'
import type { OidcConfig } from '../../config/config.ts'
import { CODINGS, type Coding, codedTag } from '../coded-tags.ts'
import { isNotModified } from '../conditional.ts'
import { varyBy } from '../cors.ts'
import { basePath, escapeHtml } from '../html.ts'
import { forEachLanguage, languageFor } from '../languages.ts'
import { preferredCoding } from '../negotiation.ts'
import { OFFLINE_HEADERS, offlinePage } from '../offline-page.ts'
import { typed } from '../schema-types.ts'

/** The output directory of `npm run build`. */
const BUILT = join(import.meta.dirname, '..', '..', '..', 'dist', 'page')

/** Paths of the page's views. The document is the same for all; its script shows the view of the path. */
const VIEWS = ['/', '/upload', '/record', '/bin', '/access', '/watch/:id']

/**
 * The Content-Security-Policy permits scripts and files of this service only, and images and recordings that the page creates (`blob:`).
 * @param mediaOrigin origin of the storage to which players are redirected.
 */
function headersOf(mediaOrigin: string | undefined) {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    ["media-src 'self' blob:", mediaOrigin].filter(Boolean).join(' '),
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return {
    'content-security-policy': policy,
    'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Files below the root whose names do not change with their content. */
const ROOT_FILES = [
  'manifest.webmanifest',
  ...['icon-192.png', 'icon-512.png', 'icon-maskable-512.png', 'apple-touch-icon.png'],
]

/** Suffixes of the files that `npm run build` has compressed. */
const SUFFIXES = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

const byName = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' } },
} as const

interface PageFile {
  readonly type: string
  readonly etag: string
  readonly plain: Buffer
  /** Compressed by the build, at the highest level. */
  readonly coded: ReadonlyMap<Coding, Buffer>
}

/**
 * Serves the web page that `npm run build` has created. Its files are read once, at the start. Without them, `/` redirects to the
 * documentation of the API.
 * @param base the public URL without a trailing slash, or ''.
 */
export async function pageRoutes(
  app: FastifyInstance,
  {
    base,
    mediaOrigin,
    oidc,
  }: { base: string; mediaOrigin?: string | undefined; oidc?: OidcConfig | undefined },
): Promise<void> {
  const headers = headersOf(mediaOrigin)
  if (!existsSync(join(BUILT, 'index.html'))) {
    app.log.warn('the web page has not been built; build it with: npm run build')
    app.get('/', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      reply.redirect(`${base}/docs`),
    )
    return
  }
  const document = readPageFile('index.html', html => withSignIn(withBase(html, base), oidc))
  const assets = new Map(
    readdirSync(join(BUILT, 'assets'))
      .filter(name => extname(name) in TYPES)
      .map(name => [name, readPageFile(join('assets', name))]),
  )
  for (const url of VIEWS) {
    app.get(url, { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) =>
      send(request, reply.headers(headers), document, 'no-cache'),
    )
  }
  typed(app).get(
    '/assets/:name',
    { config: { access: 'public' }, schema: { hide: true, params: byName } },
    async (request, reply) => {
      const file = assets.get(request.params.name)
      if (!file) throw notFound('The file')
      // The name of a file changes with its content.
      return send(request, reply.headers(headers), file, 'public, max-age=31536000, immutable')
    },
  )
  const offline = forEachLanguage(language =>
    pageFile('.html', Buffer.from(offlinePage(basePath(base), language))),
  )
  app.get('/offline', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) =>
    send(request, reply.headers(OFFLINE_HEADERS), offline.get(languageFor(request, reply))!, 'no-cache'),
  )
  // Browsers install the worker again when its bytes have changed, so they also do when the page that it stores has changed.
  const worker = readPageFile('service-worker.js', script => {
    const etags = [...offline.values()].map(({ etag }) => etag)
    return `// ${etags.join(' ')}\n${script}`
  })
  const fixed = ROOT_FILES.map(name => [name, readPageFile(name)] as const)
  for (const [name, file] of [['service-worker.js', worker] as const, ...fixed])
    app.get(`/${name}`, { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) =>
      send(request, reply.headers(headers), file, 'no-cache'),
    )
}

function readPageFile(path: string, change?: (text: string) => string): PageFile {
  const whole = join(BUILT, path)
  const read = readFileSync(whole)
  const plain = change ? Buffer.from(change(read.toString())) : read
  const coded = new Map<Coding, Buffer>()
  for (const [coding, suffix] of SUFFIXES)
    if (plain.equals(read) && existsSync(whole + suffix)) coded.set(coding, readFileSync(whole + suffix))
  return pageFile(extname(path), plain, coded)
}

function pageFile(extension: string, plain: Buffer, coded: PageFile['coded'] = new Map()): PageFile {
  const etag = sha256Stream().update(plain).digest('base64url').slice(0, 22)
  return { type: TYPES[extension]!, etag, plain, coded }
}

/** Sets the base of the document's links, because PUBLIC_URL can have a path. */
function withBase(html: string, base: string): string {
  return html.replace('<base href="/"', `<base href="${basePath(base)}/"`)
}

/** Tells the page before anybody has signed in at which provider people sign in. The name for people is the provider's host. */
function withSignIn(html: string, oidc: OidcConfig | undefined): string {
  if (!oidc) return html
  const [address, host] = [`${oidc.publicUrl}/session/oidc`, new URL(oidc.issuer).hostname].map(escapeHtml)
  return html.replace(
    '</head>',
    () => `<meta name="sign-in" content="${address}" data-provider="${host}" /></head>`,
  )
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  file: PageFile,
  cacheControl: string,
): FastifyReply {
  const etag = `"${file.etag}"`
  reply.headers({ 'cache-control': cacheControl, etag, 'content-type': file.type })
  varyBy(reply, 'Accept-Encoding')
  if (isNotModified(request.headers, { etag })) return reply.code(304).send()
  const offers = CODINGS.filter(name => file.coded.has(name))
  const coding = preferredCoding(request.headers['accept-encoding'] as string | undefined, offers)
  if (!coding) return reply.send(file.plain)
  return reply
    .headers({ 'content-encoding': coding, etag: codedTag(etag, coding) })
    .send(file.coded.get(coding))
}
