import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fastify from 'fastify'
import t from 'tap'
import { followRequests } from '../../src/http/follow-requests.ts'

/** A server whose hook and handler end when they are let, and a request whose client has gone while one of them runs. */
async function abandonedIn(phase: 'hook' | 'handler') {
  const app = fastify()
  app.addHook('onClose', followRequests(app))
  const begun = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const ended: string[] = []
  const work = async (name: string) => {
    if (name === phase) {
      begun.resolve()
      await go.promise
    }
    ended.push(name)
  }
  app.addHook('onRequest', async request => {
    request.raw.socket.once('close', () => gone.resolve())
    await work('hook')
  })
  app.get('/', async () => {
    await work('handler')
    return {}
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await begun.promise
  client.destroy()
  await gone.promise
  return { app, go: go.resolve, ended }
}

for (const phase of ['hook', 'handler'] as const) {
  t.test(`a close waits for the ${phase} of a request whose client has gone`, async t => {
    const { app, go, ended } = await abandonedIn(phase)
    const closed = app.close().then(() => ended.push('close'))
    // The server itself has no connection any more.
    await once(app.server, 'close')
    for (let turn = 0; turn < 50; turn++) await nextTurn()
    t.notOk(ended.includes('close'))
    go()
    await closed
    t.same(ended, ['hook', 'handler', 'close'])
  })
}

t.test('a close waits for no request that has ended', async t => {
  const app = fastify()
  app.addHook('onClose', followRequests(app))
  app.addHook('onRequest', async request => {
    if (request.url === '/refused') throw new Error('refused')
  })
  app.get('/', async () => ({}))
  app.get('/refused', async () => ({}))
  app.get('/sent', (_request, reply) => {
    reply.send({})
  })
  app.get('/failed', async () => {
    throw new Error('failed')
  })
  app.get('/broken', () => {
    throw new Error('broken')
  })
  const statuses = []
  for (const url of ['/', '/refused', '/sent', '/failed', '/broken', '/absent'])
    statuses.push((await app.inject({ url })).statusCode)
  t.same(statuses, [200, 500, 200, 500, 500, 404])
  // With a request that counts as running, the limit of the wait would let the process end first.
  await app.close()
  t.equal(statuses.length, 6)
})
