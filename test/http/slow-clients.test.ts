import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { endIdleReaders, endSlowSenders } from '../../src/http/connections.ts'
import { until } from '../support/until.ts'

/** What is healthy here does something every tenth of it. Long enough that a busy machine makes no healthy client slow. */
const LIMIT_MS = 2000
// Each waits most of the time.
t.jobs = 5
const POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n'
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

async function setUp(t: Test, listener: RequestListener) {
  const server = createServer(listener)
  endIdleReaders(server, LIMIT_MS)
  endSlowSenders(server, LIMIT_MS)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const open = (request: string): Socket & { ended: boolean } => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const state = Object.assign(socket, { ended: false })
    socket
      .on('error', () => {})
      .on('close', () => {
        state.ended = true
      })
    socket.write(request)
    t.teardown(() => socket.destroy())
    return state
  }
  const connections = async () =>
    new Promise<number>(resolve => server.getConnections((_, count) => resolve(count)))
  return { open, connections }
}

t.test('a client that takes nothing of its answer is cut off, whatever the answer is', async t => {
  const answers: Record<string, RequestListener> = {
    'a large one in one piece': (_, response) => void response.end(Buffer.alloc(50_000_000)),
    'one in pieces': (_, response) => {
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(1_000_000), more)
      }
      more()
    },
    'events that stop while it does not take them': (_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.writableNeedDrain || response.write(Buffer.alloc(100_000)), 20)
      response.on('close', () => clearInterval(timer))
    },
  }
  const cut = async ([name, listener]: [string, RequestListener]) => {
    const { open, connections } = await setUp(t, listener)
    open(GET).pause()
    await until(async () => (await connections()) === 1)
    await until(async () => (await connections()) === 0)
    t.pass(name)
  }
  await Promise.all(Object.entries(answers).map(cut))
})

t.test('one that takes it slowly, and one whose answer takes its time, are served', async t => {
  const { open } = await setUp(t, async (_, response) => {
    // Longer than the limit, before anything is sent.
    await sleep(2.5 * LIMIT_MS)
    response.end(Buffer.alloc(30_000_000))
  })
  const client = open(GET)
  let taken = 0
  client.on('data', (chunk: Buffer) => {
    taken += chunk.length
    client.pause()
    setTimeout(() => client.resume(), 5)
  })
  await until(() => taken > 30_000_000)
  t.notOk(client.ended)
})

t.test('a client that hardly sends its body is cut off, also where nobody reads it', async t => {
  let reads = true
  const { open } = await setUp(t, request => {
    if (reads) request.resume()
  })
  const silent = open(POST)
  const dripping = open(POST)
  const timer = setInterval(() => dripping.write('x'), LIMIT_MS / 20)
  t.teardown(() => clearInterval(timer))
  await until(() => silent.ended && dripping.ended)
  reads = false
  const unread = open(POST)
  await until(() => unread.ended)
})

t.test('one that sends slowly but steadily is not, nor one that waits for this server', async t => {
  let [got, reads] = [0, true]
  const count = (chunk: Buffer) => {
    got += chunk.length
  }
  const { open } = await setUp(t, request => {
    if (reads) request.on('data', count)
  })
  const steady = open(POST)
  const timer = setInterval(() => steady.write(Buffer.alloc(2000)), LIMIT_MS / 10)
  t.teardown(() => clearInterval(timer))
  await until(() => got > 60_000)
  t.notOk(steady.ended)
  reads = false
  const blocked = open(POST)
  blocked.write(Buffer.alloc(900_000))
  await sleep(3 * LIMIT_MS)
  t.notOk(blocked.ended, 'its bytes wait here')
})
