import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

const LOGO = {
  type: 'image/svg+xml',
  content:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40"><text x="0" y="28" fill="#fff" font-family="sans-serif" font-size="26">Longtake</text></svg>',
}

/** The pages of the documentation have inline styles. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"

/**
 * The documentation of the API, for people (`/docs`) and for programs (`/openapi.json`). It is public, because it contains nothing about
 * stored videos, and a browser sends no key when it opens a URL. The page has a field for the key ("Authorize").
 */
export async function docsRoutes(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', route => {
    route.config = { ...route.config, access: 'public' }
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Longtake API' },
    logo: LOGO,
    staticCSP: POLICY,
  })
}
