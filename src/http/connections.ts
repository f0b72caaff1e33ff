import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** The unread rest of a body is read and discarded for at most this time. */
const LINGER_MS = 10_000
/**
 * A connection is closed if its client reads nothing of a response for this time. A player that was paused for longer requests the rest as a
 * range. Linux reports space in a socket only when a third of its buffer is free: 1.4 MB of 4 MiB, which a phone reads in 70 seconds at
 * 20 kB/s. If a write has made progress, Node waits for the same time again.
 */
const READ_IDLE_MS = 100_000
/** A connection is closed if it delivers fewer bytes of a body in this time. Uploads have a shorter limit and get a response. */
const PACE_WINDOW_MS = 60_000
const PACE_BYTES = 1024

/**
 * Makes responses reach clients that are still sending (RFC 9112 §9.6). If a connection is closed while it has unread bytes, TCP resets it and
 * the response is lost. So the rest of the body is read and discarded, for a limited time. Clients that stop reading or sending are
 * disconnected.
 */
export function lingerOn(server: Server): void {
  endIdleReaders(server)
  endSlowSenders(server)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    // Node calls this after the last response of a connection.
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
 * Reads and discards the rest of a body, because the next request on the connection is read only after it. A reader of the body that ends
 * after the response, such as a form parser, pauses the request at its end, so the request is resumed again.
 */
function discardRest(request: IncomingMessage): void {
  request.unpipe()
  request.removeAllListeners('readable')
  request.on('pause', () => request.resume())
  // Node updates its state on the next tick after the last 'readable' listener is removed. Only then can the body flow.
  setImmediate(() => request.resume())
}

/**
 * Closes connections whose clients have stopped reading, because each keeps a file open and its buffers full. The time before a response
 * begins is not limited here.
 */
export function endIdleReaders(server: Server, idleMs = READ_IDLE_MS): void {
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
    // Node calls this for implicit headers too. After the response it sets the timeout for keep-alive, and it destroys sockets that time out.
    response.writeHead = (...args: unknown[]) => {
      socket.setTimeout(idleMs)
      return writeHead(...args)
    }
  })
}

/**
 * Closes connections whose clients send a body too slowly, on every route. If received bytes have not been read yet, the server is slow and
 * not the client.
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
 * Handles pipelined requests of one connection one after the other, in their order (RFC 9112 §9.3.2), because a later write may build on an
 * earlier one.
 */
export function oneAfterAnother(app: FastifyInstance): void {
  const handled = new WeakMap<Socket, Promise<void>>()
  app.addHook('onRequest', async ({ raw }, reply) => {
    const before = handled.get(raw.socket)
    const { promise, resolve } = Promise.withResolvers<void>()
    reply.raw.once('close', resolve)
    handled.set(raw.socket, promise)
    await before
  })
}
