import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { listElements } from '../base/header-fields.ts'
import { notFound } from '../errors.ts'
import { varyBy } from './cors.ts'
import { preconditionFailed } from './media-response.ts'
import { preconditionStatus } from './preconditions.ts'

/** Where `npm run build` puts the page. */
const BUILT = join(import.meta.dirname, '..', '..', 'dist', 'page')

/** Addresses of the page's views: the same document, which shows what its address says. */
const VIEWS = ['/', '/upload', '/record', '/watch/:id']

/** Nothing runs and nothing is asked for but what this service serves itself; pictures and recordings may be the page's own (blob:). */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

interface PageFile {
  readonly type: string
  readonly etag: string
  /** By content coding (RFC 9110 §8.4.1). */
  readonly bodies: ReadonlyMap<string, Buffer>
}

/**
 * The web page, as `npm run build` has made it. Its files are read once, at the start; where they are absent, `/` leads to the API's
 * documentation.
 * @param base the public URL without a trailing slash, or ''.
 */
export async function pageRoutes(app: FastifyInstance, { base }: { base: string }): Promise<void> {
  if (!existsSync(join(BUILT, 'index.html'))) {
    app.log.warn('the web page has not been built: npm run build')
    app.get('/', { config: { access: 'anyone' }, schema: { hide: true } }, async (_request, reply) =>
      reply.redirect(`${base}/docs`),
    )
    return
  }
  const document = readPageFile('index.html', html => withBase(html, base))
  const assets = new Map(
    readdirSync(join(BUILT, 'assets'))
      .filter(name => extname(name) in TYPES)
      .map(name => [name, readPageFile(join('assets', name))]),
  )
  for (const url of VIEWS) {
    app.get(url, { config: { access: 'anyone' }, schema: { hide: true } }, async (request, reply) =>
      send(request, reply, document, 'no-cache'),
    )
  }
  app.get<{ Params: { name: string } }>(
    '/assets/:name',
    { config: { access: 'anyone' }, schema: { hide: true } },
    async (request, reply) => {
      const file = assets.get(request.params.name)
      if (!file) throw notFound('This part of the page')
      // Their names change with their content.
      return send(request, reply, file, 'public, max-age=31536000, immutable')
    },
  )
}

function readPageFile(path: string, change?: (text: string) => string): PageFile {
  const whole = join(BUILT, path)
  const read = readFileSync(whole)
  const plain = change ? Buffer.from(change(read.toString())) : read
  const bodies = new Map([['identity', plain]])
  for (const [coding, suffix] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    if (plain.equals(read) && existsSync(whole + suffix)) bodies.set(coding, readFileSync(whole + suffix))
  }
  const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
  return { type: TYPES[extname(path)]!, etag, bodies }
}

/** The document names everything relative to the service's root, which lies below a path where PUBLIC_URL has one. */
function withBase(html: string, base: string): string {
  const path = base ? new URL(base).pathname.replace(/\/$/, '') : ''
  return html.replace('<base href="/"', `<base href="${path}/"`)
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  file: PageFile,
  cacheControl: string,
): FastifyReply {
  const accepted = acceptedCodings(request.headers['accept-encoding'])
  const coding = ['br', 'gzip'].find(name => accepted.has(name) && file.bodies.has(name)) ?? 'identity'
  // Each coding is a representation of its own (RFC 9110 §8.8.3.3).
  const etag = `"${file.etag}-${coding}"`
  varyBy(reply, 'Accept-Encoding')
  reply.headers({ ...HEADERS, 'cache-control': cacheControl, etag })
  const status = preconditionStatus(request.headers, { etag })
  if (status === 412) throw preconditionFailed()
  if (status === 304) return reply.code(304).send()
  if (coding !== 'identity') reply.header('content-encoding', coding)
  return reply.header('content-type', file.type).send(file.bodies.get(coding))
}

/** RFC 9110 §12.5.3. What is given the weight 0 is refused. */
function acceptedCodings(header: string | string[] | undefined): Set<string> {
  const codings = listElements(header).filter(each => !/;\s*q=0(\.0*)?$/i.test(each))
  return new Set(codings.map(each => each.split(';')[0]!.trim().toLowerCase()))
}
