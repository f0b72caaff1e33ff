import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { policyOf, type RoutePolicy, requirePolicies } from '../../src/http/route-policy.ts'

const handler = async () => 'ok'

/** Starts a service with one route. @returns why it did not start, or undefined. */
async function startWith(add: (app: FastifyInstance) => unknown): Promise<string | undefined> {
  const app = Fastify()
  requirePolicies(app)
  await add(app)
  try {
    await app.ready()
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    await app.close()
  }
}

const withConfig = (url: string, config: RoutePolicy, method: 'GET' | 'POST' = 'GET') =>
  startWith(app => app.route({ method, url, config, handler }))

t.test('a route that declares too little keeps the service from starting', async t => {
  const undeclared = 'the config of the route must declare access.'
  t.equal(await startWith(app => app.get('/status', handler)), `GET /status: ${undeclared}`)
  t.equal(await startWith(app => app.post('/videos', handler)), `POST /videos: ${undeclared}`)
  t.equal(
    await startWith(app => app.get('/status', { config: { body: 'json' } as never }, handler)),
    `GET /status: ${undeclared}`,
  )
  t.match(await startWith(app => app.register(async sub => sub.get('/deep', handler))), undeclared)
  t.match(await startWith(app => app.options('*', handler)), undeclared)

  const unowned = 'the path has a parameter, so the config must declare owned.'
  t.match(await withConfig('/videos/:id', { access: 'read' }), unowned)
  t.match(await withConfig('/files/*', { access: 'write' }, 'POST'), unowned)
  t.match(await withConfig('/uploads/:id', { access: 'upload' }), unowned)
  t.match(await withConfig('/videos/:name', { access: 'read', owned: 'videos' }), 'needs :id in the path')
  t.match(await withConfig('/videos/:id', { access: 'public', owned: 'videos' }), 'owned has no effect')
  t.match(await withConfig('/x', { access: 'read', signedLink: 'stream' }), "needs owned: 'videos'")
  t.match(
    await withConfig('/uploads/:id', { access: 'read', owned: 'uploads', signedLink: 'stream' }),
    "needs owned: 'videos'",
  )
})

t.test('a route that declares enough does not', async t => {
  t.equal(await withConfig('/status', { access: 'read' }), undefined)
  t.equal(await withConfig('/assets/:name', { access: 'public' }), undefined)
  t.equal(await withConfig('/webhooks/:id', { access: 'admin' }), undefined)
  t.equal(await withConfig('/api/videos/:id', { access: 'read', owned: 'handler' }), undefined)
  t.equal(
    await withConfig('/videos/:id/stream', { access: 'read', owned: 'videos', signedLink: 'stream' }),
    undefined,
  )
  // The routes of a library get their policy from a hook of the plugin that registers it.
  const library = async (app: FastifyInstance) => {
    app.addHook('onRoute', route => {
      route.config = { ...route.config, access: 'public' }
    })
    await app.register(async sub => sub.get('/docs/static/:file', handler))
  }
  t.equal(await startWith(app => app.register(library)), undefined)
})

t.test('the HEAD route that Fastify adds has the policy of its GET route', async t => {
  const app = Fastify()
  requirePolicies(app)
  const seen: unknown[] = []
  app.addHook('onRequest', async request => {
    seen.push(policyOf(request)?.access, policyOf(request)?.owned)
  })
  app.get('/videos/:id', { config: { access: 'read', owned: 'videos' } }, handler)
  t.equal((await app.inject({ method: 'HEAD', url: '/videos/1' })).statusCode, 200)
  t.same(seen, ['read', 'videos'])
  t.equal((await app.inject('/nothing')).statusCode, 404)
  t.same(seen.slice(2), [undefined, undefined])
  await app.close()
})
