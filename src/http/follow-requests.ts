import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Limit of the wait, because the work of a request may itself wait for something that has stopped. */
const WAIT_MS = 3000

/**
 * Follows the work of requests, also when their clients have gone. Node waits for connections only when it closes a server, and such work would
 * then find the database closed. Call it before any other hook or route is added.
 * @returns waits until no request is at work, for 3 seconds at most.
 */
export function followRequests(app: FastifyInstance): () => Promise<void> {
  const running = new Set<FastifyRequest>()
  const handled = new WeakSet<FastifyRequest>()
  let onNone = () => {}
  const end = (request: FastifyRequest) => {
    running.delete(request)
    if (running.size === 0) onNone()
  }
  app.addHook('onRequest', (request, _reply, done) => {
    running.add(request)
    done()
  })
  app.addHook('onSend', (request, _reply, payload, done) => {
    // A hook has responded, so there is no handler to wait for.
    if (!handled.has(request)) end(request)
    done(null, payload)
  })
  app.addHook('onRoute', route => {
    const { handler } = route
    route.handler = function (request, reply) {
      handled.add(request)
      const ended = () => end(request)
      let work: unknown
      try {
        work = handler.call(this, request, reply)
        return work
      } finally {
        if (work instanceof Promise) work.then(ended, ended)
        else ended()
      }
    }
  })
  return async () => {
    if (running.size === 0) return
    await Promise.race([
      new Promise<void>(resolve => (onNone = resolve)),
      pause(WAIT_MS, undefined, { ref: false }),
    ])
  }
}
