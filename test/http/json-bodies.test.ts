import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { mock } from 'node:test'
import Fastify from 'fastify'
import t from 'tap'
import { jsonBodies } from '../../src/http/json-bodies.ts'
import { until } from '../support/until.ts'

t.test('JSON that does not come to its end is not waited for; the process goes on', async t => {
  const app = Fastify()
  jsonBodies(app)
  const seen: unknown[] = []
  let begun = 0
  app.addHook('onRequest', async () => {
    begun += 1
  })
  app.post('/', async ({ body }) => {
    seen.push(body)
    return 'taken'
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: Application/JSON; charset=utf-8\r\n'
  const slow = connect(port, '127.0.0.1').on('error', () => {})
  slow.write(`${head}Content-Length: 100\r\n\r\n{"a":`)
  const closed = once(slow, 'close')
  await until(() => begun === 1)
  mock.timers.tick(59_000)
  t.notOk(slow.destroyed)

  const other = connect(port, '127.0.0.1')
  t.teardown(() => other.destroy())
  let answer = ''
  other.on('data', data => {
    answer += data
  })
  other.write(`${head}Content-Length: 7\r\n\r\n{"a":1}`)
  await until(() => answer.endsWith('taken'))
  mock.timers.tick(1_000)
  await closed
  mock.timers.tick(60_000)
  other.write(`${head}Content-Length: 7\r\n\r\n{"a":2}`)
  await until(() => seen.length === 2)
  t.same(seen, [{ a: 1 }, { a: 2 }], 'what came in time is as it was, and its connection serves on')
})
