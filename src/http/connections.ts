import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** How long the rest of a refused body is taken in, in milliseconds. */
const LINGER_MS = 10_000
/**
 * Milliseconds for which a client may take nothing of an answer that is under way. A player that was paused for longer asks for the rest
 * by range. Linux reports room in a socket when a third of its buffer is free, which is 1.4 MB of 4 MiB: a phone takes that at 20 kB/s
 * in 70 seconds. Node gives a write that has moved since its beginning the same time once more.
 */
const READ_IDLE_MS = 100_000
/** A body that brings fewer bytes in the window only holds on to its connection. Uploads end sooner, and are answered. */
const PACE_WINDOW_MS = 60_000
const PACE_BYTES = 1024

/**
 * Lets answers reach clients that are still sending (RFC 9112 §9.6): what a connection that is closed has not read resets it, and the
 * answer is lost with it. So the rest is taken in and forgotten, for a while. Clients that no longer read or send are cut off.
 */
export function lingerOn(server: Server): void {
  endIdleReaders(server)
  endSlowSenders(server)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    // Called by Node behind the last answer of a connection.
    socket.destroySoon = () => {
      const close = () => Socket.prototype.destroySoon.call(socket)
      if (request.complete) return close()
      socket.end()
      request.once('end', close)
    }
    response.once('finish', () => {
      if (request.complete) return
      discardRest(request)
      setTimeout(() => request.complete || socket.destroy(), LINGER_MS).unref()
    })
  })
}

/**
 * Reads what is left of a body, and forgets it. The next request on its connection is not read before: a reader of the body that ends
 * behind the answer, such as the parser of a form, pauses the request when it lets go, and must not leave it so.
 */
function discardRest(request: IncomingMessage): void {
  request.unpipe()
  request.removeAllListeners('readable')
  request.on('pause', () => request.resume())
  // Node notices on the next tick that nobody listens for 'readable', and lets the body flow only then.
  setImmediate(() => request.resume())
}

/**
 * Ends connections whose clients have stopped to read: each would keep a file open and its buffers full. The time before an answer begins
 * is the server's own, and has no limit here.
 */
export function endIdleReaders(server: Server, idleMs = READ_IDLE_MS): void {
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
    // Node calls this also for headers that nobody has written by hand. After the answer it sets the time for keep-alive instead, and
    // by itself it destroys a socket that is idle for too long.
    response.writeHead = (...args: unknown[]) => {
      socket.setTimeout(idleMs)
      return writeHead(...args)
    }
  })
}

/**
 * Ends connections whose clients hardly send anything of a body, whatever route reads it. Bytes that wait here to be read are not the
 * client's delay.
 */
export function endSlowSenders(server: Server, windowMs = PACE_WINDOW_MS): void {
  server.prependListener('request', (request: IncomingMessage) => {
    const { headers, socket } = request
    if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) return
    let before = socket.bytesRead
    const pace = setInterval(() => {
      const isSlow = socket.bytesRead - before < PACE_BYTES && request.readableLength === 0
      before = socket.bytesRead
      if (isSlow && !request.complete) socket.destroy()
    }, windowMs)
    const end = () => clearInterval(pace)
    request.once('end', end)
    request.once('close', end)
  })
}

/**
 * Has requests that come on one connection without waiting for each other's answers carried out one after the other, in their order
 * (RFC 9112 §9.3.2): of two that write, the second builds on the first.
 */
export function oneAfterAnother(app: FastifyInstance): void {
  const answered = new WeakMap<Socket, Promise<void>>()
  app.addHook('onRequest', async ({ raw }, reply) => {
    const before = answered.get(raw.socket)
    const { promise, resolve } = Promise.withResolvers<void>()
    reply.raw.once('close', resolve)
    answered.set(raw.socket, promise)
    await before
  })
}
