import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { Exchange } from '../../src/uploads/ietf/exchange.ts'
import { mayInform } from '../../src/uploads/ietf/informational.ts'

/** All that a client reads that names interop version 8, from a server that sends 104 where it may. */
async function whatComes(
  t: Test,
  policy: 'always' | 'direct' | 'never',
  protocol: string,
  headers = 'Connection: close',
): Promise<string> {
  const context = { requestId: 'r', owner: null, maxSize: 1 }
  const server = createServer({ keepAliveTimeout: 1 }, (raw, response) => {
    const { method = '', headers } = raw
    const informational = mayInform(raw, policy)
    const exchange = new Exchange(
      { raw, response, method, headers, id: undefined, context },
      { informational },
    )
    exchange.inform({ Location: '/uploads/1' })
    exchange.respond(204, {})
    // Too late, which does no harm.
    exchange.inform({ 'Upload-Offset': '1' })
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(
    `POST /uploads ${protocol}\r\nHost: a\r\n${headers}\r\nContent-Length: 0\r\nUpload-Draft-Interop-Version: 8\r\n\r\n`,
  )
  return text(socket)
}

t.test('104 can be turned off', async t => {
  t.match(await whatComes(t, 'always', 'HTTP/1.1'), /^HTTP\/1\.1 104 .*Location: .*HTTP\/1\.1 204/s)
  t.match(await whatComes(t, 'never', 'HTTP/1.1'), /^HTTP\/1\.1 204/)
})

t.test('RFC 9110 §15.2: a server MUST NOT send a 1xx response to an HTTP/1.0 client', async t => {
  t.match(await whatComes(t, 'always', 'HTTP/1.0'), /^HTTP\/1\.1 204/)
})

t.test('without a setting it goes to those who are connected directly, as far as they tell', async t => {
  for (const direct of ['Connection: keep-alive', 'User-Agent: a', 'X-Request-ID: 1', 'X-Requested-With: a'])
    t.match(await whatComes(t, 'direct', 'HTTP/1.1', direct), /^HTTP\/1\.1 104 /, direct)
  for (const proxied of [
    'Via: 1.1 varnish',
    'Forwarded: for=192.0.2.1',
    'X-Forwarded-For: 192.0.2.1',
    'x-forwarded-proto: https',
    'X-Forwarded-Host: a',
    'X-Real-IP: 192.0.2.1',
    'X-Envoy-External-Address: 192.0.2.1',
    'CF-Ray: 1',
    'CDN-Loop: a',
    'X-Amzn-Trace-Id: Root=1',
    'True-Client-IP: 192.0.2.1',
    // nginx with no settings but the address and the version of HTTP.
    'Connection: close',
  ])
    t.match(await whatComes(t, 'direct', 'HTTP/1.1', proxied), /^HTTP\/1\.1 204/, proxied)
})
