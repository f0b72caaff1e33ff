import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/** How long the rest of a refused body is taken in, in milliseconds. */
const LINGER = 10_000

/**
 * Lets answers reach clients that are still sending (RFC 9112 §9.6): what a connection that is closed has not read resets it, and the
 * answer is lost with it. So the rest is taken in and forgotten, for a while.
 */
export function lingerOn(server: Server): void {
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
      request.resume()
      setTimeout(() => request.complete || socket.destroy(), LINGER).unref()
    })
  })
}
