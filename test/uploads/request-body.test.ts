import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t from 'tap'
import { type BodyOptions, requestBody } from '../../src/uploads/core/request-body.ts'
import { failure } from '../support/failure.ts'

/** A request on a real connection, whose bytes the caller writes. */
async function request(head: string) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`PATCH / HTTP/1.1\r\nHost: test\r\n${head}\r\n\r\n`)
  const [incoming] = (await once(server, 'request')) as [IncomingMessage]
  incoming.on('error', () => {})
  t.teardown(() => {
    socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { socket, incoming }
}

async function collect(incoming: IncomingMessage, options: Partial<BodyOptions> = {}): Promise<string> {
  const chunks: Buffer[] = []
  const all = { signal: new AbortController().signal, limit: 1000, ...options }
  for await (const chunk of requestBody(incoming, all)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

t.test('all of a body, however it comes', async t => {
  const { socket, incoming } = await request('Content-Length: 10')
  socket.write('01234')
  const body = collect(incoming)
  await once(incoming, 'readable')
  socket.write('56789')
  t.equal(await body, '0123456789')
  t.equal(incoming.complete, true)
})

t.test('a chunked body, with what trails it', async t => {
  const { socket, incoming } = await request('Transfer-Encoding: chunked\r\nTrailer: Upload-Checksum')
  socket.write('5\r\n01234\r\n5\r\n56789\r\n0\r\nUpload-Checksum: sha1 AAAA\r\n\r\n')
  t.equal(await collect(incoming), '0123456789')
  t.equal(incoming.trailers['upload-checksum'], 'sha1 AAAA', 'known once the body has ended')
})

t.test('no body', async t => {
  const { incoming } = await request('Content-Length: 0')
  t.equal(await collect(incoming), '')
})

t.test('a body that has ended before it is asked for', async t => {
  const { socket, incoming } = await request('Content-Length: 5')
  socket.write('01234')
  await once(incoming, 'readable')
  t.equal(await collect(incoming), '01234')
  t.equal(await collect(incoming), '', 'and once it was read')
})

t.test('what arrived before the client went away is given, without an error', async t => {
  const { socket, incoming } = await request('Content-Length: 10')
  socket.write('01234')
  await once(incoming, 'readable')
  const body = collect(incoming)
  socket.destroy()
  t.equal(await body, '01234')
  t.equal(incoming.complete, false, 'and the request tells that it was not all')
})

t.test('likewise where the client was gone before anybody asked', async t => {
  const { socket, incoming } = await request('Content-Length: 10')
  const closed = new Promise(resolve => incoming.on('close', resolve))
  socket.end('01234')
  await closed
  t.equal(await collect(incoming), '01234')
})

t.test('a signal ends it, and leaves the request open for an answer', async t => {
  const { socket, incoming } = await request('Content-Length: 10')
  const abort = new AbortController()
  socket.write('01234')
  const chunks: string[] = []
  for await (const chunk of requestBody(incoming, { signal: abort.signal, limit: 10 })) {
    chunks.push(chunk.toString())
    abort.abort()
  }
  t.same(chunks, ['01234'])
  t.equal(incoming.destroyed, false)
  t.equal(await collect(incoming, { signal: abort.signal }), '', 'a signal of before, at once')
})

t.test('the chunk beyond the limit is refused, one up to it is not', async t => {
  const { socket, incoming } = await request('Transfer-Encoding: chunked')
  const chunks: string[] = []
  const read = async () => {
    for await (const chunk of requestBody(incoming, { signal: new AbortController().signal, limit: 5 })) {
      chunks.push(chunk.toString())
      socket.write('1\r\n5\r\n')
    }
  }
  socket.write('5\r\n01234\r\n')
  t.match(await failure(read()), { status: 413, code: 'payload_too_large' })
  t.same(chunks, ['01234'])
  t.equal(incoming.destroyed, false, 'it can be answered')
})

t.test('nothing stays behind on the request', async t => {
  const { socket, incoming } = await request('Content-Length: 5')
  const events = () => incoming.eventNames().map(name => [name, incoming.listenerCount(name)])
  const before = events()
  socket.write('01234')
  t.equal(await collect(incoming), '01234')
  t.same(events(), before)
})
