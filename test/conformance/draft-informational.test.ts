import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { Exchange } from '../../src/uploads/draft/exchange.ts'

/** All that a client reads that names interop version 8, from a server that sends 104 where it may. */
async function whatComes(t: Test, informational: boolean, protocol: string): Promise<string> {
  const server = createServer((request, response) => {
    const exchange = new Exchange(request, response, { requestId: 'r', informational })
    exchange.inform({ Location: '/uploads/1' })
    exchange.answer(204, {})
    // Too late, which does no harm.
    exchange.inform({ 'Upload-Offset': '1' })
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(
    `POST /uploads ${protocol}\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\nUpload-Draft-Interop-Version: 8\r\n\r\n`,
  )
  return text(socket)
}

t.test('104 can be turned off', async t => {
  t.match(await whatComes(t, true, 'HTTP/1.1'), /^HTTP\/1\.1 104 .*Location: .*HTTP\/1\.1 204/s)
  t.match(await whatComes(t, false, 'HTTP/1.1'), /^HTTP\/1\.1 204/)
})

t.test('RFC 9110 §15.2: a server MUST NOT send a 1xx response to an HTTP/1.0 client', async t => {
  t.match(await whatComes(t, true, 'HTTP/1.0'), /^HTTP\/1\.1 204/)
})
