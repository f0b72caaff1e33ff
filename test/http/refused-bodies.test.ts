import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import t from 'tap'
import { lingerOn } from '../../src/http/connections.ts'

// A body that is refused is read to its end, whatever read it before: the next request on the connection waits behind it.

const BODY = Buffer.alloc(1_000_000)
const refuse: RequestListener = (_, response) => void response.writeHead(507).end()

const READERS: Record<string, RequestListener> = {
  nobody: refuse,
  'one that waits until it can be read': (incoming, response) => {
    incoming.once('readable', () => refuse(incoming, response))
    incoming.on('readable', () => {})
  },
  'a pipe that is let go behind the answer': (incoming, response) => {
    const parser = new Writable({ write: () => {} })
    incoming.pipe(parser)
    response.once('finish', () => setImmediate(() => incoming.unpipe(parser)))
    refuse(incoming, response)
  },
  'one that pauses it behind the answer': (incoming, response) => {
    incoming.once('data', () => refuse(incoming, response))
    response.once('finish', () => setImmediate(() => incoming.pause()))
  },
}

for (const [name, listener] of Object.entries(READERS))
  t.test(`read by ${name}`, async t => {
    const server = createServer((incoming, response) =>
      incoming.method === 'GET' ? response.end('next') : listener(incoming, response),
    )
    lingerOn(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => {
      agent.destroy()
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const send = async (method: string, body?: Buffer) => {
      const outgoing = request({ port, method, agent })
      outgoing.end(body)
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
      answer.resume()
      await once(answer, 'end')
      return answer.statusCode
    }
    t.equal(await send('POST', BODY), 507)
    t.equal(await send('GET'), 200, 'the next request is answered')
  })
