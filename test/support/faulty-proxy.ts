import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What is done to one connection; times in milliseconds. */
export type Fault =
  | { readonly kind: 'none' }
  /** Both ends are reset once the client has sent so many bytes. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Likewise once the server has sent so many: the request has arrived, and nobody learns of it. */
  | { readonly kind: 'cut-answer'; readonly after: number }
  /** After so many bytes of the client's nothing moves for a while. */
  | { readonly kind: 'stall'; readonly after: number; readonly pause: number }
  /** After so many bytes the client is reset, and the server is told nothing: its connection stays open for nobody. */
  | { readonly kind: 'half-open'; readonly after: number }
  /** The client's bytes come in small pieces with pauses between. */
  | { readonly kind: 'throttle'; readonly bytes: number; readonly pause: number }

export interface FaultyProxy {
  readonly url: string
  /** Connections so far. */
  readonly connections: number
  /** Ends all connections; what they had not passed on yet is gone. */
  cut(): void
  close(): Promise<void>
}

/** A TCP proxy before `target` that does harm. @param target asked for each connection, where it moves. @param faultOf likewise; they are counted from 0. */
export async function startFaultyProxy(
  target: string | (() => string),
  faultOf: (connection: number) => Fault,
): Promise<FaultyProxy> {
  const sockets = new Set<Socket>()
  let connections = 0
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const proxy = createServer({ allowHalfOpen: false }, client => {
    const { hostname, port } = new URL(typeof target === 'string' ? target : target())
    const server = connect(Number(port), hostname)
    const fault = faultOf(connections++)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    void relay(client, server, fault)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    get connections() {
      return connections
    },
    cut,
    async close() {
      proxy.close()
      cut()
      await once(proxy, 'close')
    },
  }
}

async function relay(client: Socket, server: Socket, fault: Fault): Promise<void> {
  const reset = () => {
    client.resetAndDestroy()
    server.resetAndDestroy()
  }
  await Promise.all([upstream(client, server, fault, reset), downstream(client, server, fault, reset)])
}

async function upstream(client: Socket, server: Socket, fault: Fault, reset: () => void): Promise<void> {
  let sent = 0
  try {
    for await (const chunk of client as AsyncIterable<Buffer>) {
      if (fault.kind === 'throttle') {
        for (let at = 0; at < chunk.length; at += fault.bytes) {
          server.write(chunk.subarray(at, at + fault.bytes))
          await pause(fault.pause)
        }
        continue
      }
      const left = 'after' in fault && fault.kind !== 'cut-answer' ? fault.after - sent : Infinity
      sent += chunk.length
      const first = chunk.subarray(0, Math.max(0, Math.min(chunk.length, left)))
      if (first.length > 0 && !server.write(first)) await Promise.race([once(server, 'drain'), gone(server)])
      if (chunk.length <= left) continue
      // What was written is on its way before the harm is done.
      if (fault.kind === 'cut') return void server.write('', reset)
      if (fault.kind === 'half-open') return void client.resetAndDestroy()
      if (fault.kind === 'stall' && left >= 0) await pause(fault.pause, undefined, { ref: false })
      server.write(chunk.subarray(first.length))
    }
    server.end()
  } catch {
    if (fault.kind !== 'half-open') server.destroy()
  }
}

async function downstream(client: Socket, server: Socket, fault: Fault, reset: () => void): Promise<void> {
  let sent = 0
  try {
    for await (const chunk of server as AsyncIterable<Buffer>) {
      sent += chunk.length
      if (fault.kind === 'cut-answer' && sent > fault.after) return reset()
      client.write(chunk)
    }
    client.end()
  } catch {
    client.destroy()
  }
}

function gone(socket: Socket): Promise<unknown> {
  return new Promise(resolve => socket.once('close', resolve))
}
