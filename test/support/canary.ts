import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Test } from 'tap'

export interface Canary {
  /** On 127.0.0.1. */
  readonly port: number
  /** How often it was called. */
  readonly calls: number
}

/** A server that nothing may call, for as long as the test runs. */
export async function startCanary(t: Test): Promise<Canary> {
  const canary = { port: 0, calls: 0 }
  const server = createServer(socket => {
    canary.calls++
    socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  canary.port = (server.address() as AddressInfo).port
  return canary
}
