import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { sha256Stream } from '../../base/hash.ts'
import type { Config } from '../../config/config.ts'
import { isNotModified } from '../conditional.ts'
import type { ApiDocument } from '../docs/document.ts'
import { docsPage } from '../docs/page.ts'
import { basePath } from '../html.ts'

/** The page loads only files of this service. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The address in the examples, which the page replaces by its own. */
const DEFAULT_SERVER = 'http://127.0.0.1:3000'

/** Files of the page, by their kind: the style begins with the web page's colours and sizes. */
const STYLE = [read('../../page/styles/tokens.css'), read('../docs/docs.css')].join('\n')
const SCRIPT = read('../docs/docs.js')
const ICON = read('../../page/icon.svg')
const VERSION = tagOf(STYLE + SCRIPT)

/**
 * The documentation of the API, for people (`/docs`) and for programs (`/openapi.json`). It is public, because it contains nothing about
 * stored videos, and a browser sends no key when it opens a URL.
 *
 * Other pages for OpenAPI documents (Swagger UI, Scalar 1.76) set inline styles, which this policy forbids, and Scalar's script has 4.9 MB.
 */
export async function docsRoutes(app: FastifyInstance, { auth, publicUrl }: Config): Promise<void> {
  app.addHook('onRoute', route => {
    route.config = { ...route.config, access: 'public' }
    route.schema = { ...route.schema, hide: true }
  })
  app.get('/openapi.json', async () => app.swagger())
  let page: { readonly html: string; readonly etag: string } | undefined
  app.get('/docs', async (request, reply) => {
    if (!page) {
      // The document is complete when all routes have been added.
      const html = docsPage(app.swagger() as unknown as ApiDocument, {
        path: basePath(publicUrl ?? ''),
        server: publicUrl?.replace(/\/$/, '') ?? DEFAULT_SERVER,
        needsKey: auth.kind !== 'none',
        version: VERSION,
      })
      page = { html, etag: `"${tagOf(html)}"` }
    }
    const { html, etag } = page
    reply.headers({ 'content-security-policy': POLICY, 'cache-control': 'no-cache', etag })
    if (isNotModified(request.headers, { etag })) return reply.code(304).send()
    return reply.type('text/html; charset=utf-8').send(html)
  })
  for (const [name, type, content] of [
    [`style-${VERSION}.css`, 'text/css; charset=utf-8', STYLE],
    [`script-${VERSION}.js`, 'text/javascript; charset=utf-8', SCRIPT],
    ['icon.svg', 'image/svg+xml', ICON],
  ] as const)
    app.get(`/docs/${name}`, async (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=86400').send(content),
    )
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

function tagOf(text: string): string {
  return sha256Stream().update(text).digest('base64url').slice(0, 12)
}
