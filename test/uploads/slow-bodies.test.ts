import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { mock } from 'node:test'
import t from 'tap'
import { requestBody } from '../../src/uploads/core/request-body.ts'
import { until } from '../support/until.ts'

// Bodies on a real connection, and a clock that the test moves: what is too slow is ended, what is slow is not, however long it takes.

/** Milliseconds, and bytes in them, below which a body only holds on to its connection. */
const WINDOW = 30_000
const ENOUGH = 1024

t.beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
t.afterEach(() => mock.timers.reset())

/** A body that is read while the caller writes it. */
async function body(size: number) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`PATCH / HTTP/1.1\r\nHost: test\r\nContent-Length: ${size}\r\n\r\n`)
  const [incoming] = (await once(server, 'request')) as [IncomingMessage]
  t.teardown(() => {
    socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  const state = { received: 0, ended: false }
  const read = async () => {
    const signal = new AbortController().signal
    for await (const chunk of requestBody(incoming, { signal, limit: size })) state.received += chunk.length
    state.ended = true
  }
  return { socket, incoming, state, done: read() }
}

for (const size of [0, 10, ENOUGH - 1]) {
  t.test(`a body that brings ${size} bytes and no more is ended; what came is kept`, async t => {
    const { socket, incoming, state, done } = await body(100_000)
    socket.write(Buffer.alloc(size))
    await until(() => state.received === size)
    mock.timers.tick(WINDOW)
    if (!state.ended) mock.timers.tick(WINDOW)
    await done
    t.equal(state.received, size)
    t.notOk(incoming.destroyed, 'there can be an answer')
  })
}

t.test('a body that is slow, and not too slow, goes on for as long as it takes', async t => {
  const windows = 60
  const { socket, state, done } = await body(windows * ENOUGH)
  for (let window = 1; window <= windows; window++) {
    t.notOk(state.ended)
    socket.write(Buffer.alloc(ENOUGH))
    await until(() => state.received === window * ENOUGH)
    mock.timers.tick(WINDOW)
  }
  await done
  t.equal(state.received, windows * ENOUGH)
})
