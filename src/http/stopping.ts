import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { stopping } from '../uploads/locks/release-errors.ts'
import { forUpload } from './guard.ts'
import { isUploadRoute } from './route-policy.ts'

/** How often requests that are still under way are told, in milliseconds. */
const AGAIN_MS = 100

/**
 * Says 503 to the clients of a service that stops: to new requests on connections that are open, and to those whose bodies are still
 * coming. Requests that have come whole are served. The upload protocols end theirs themselves, with what they have in safety.
 */
export function answerStopping(app: FastifyInstance, stop: AbortSignal): void {
  const receiving = new Set<IncomingMessage>()
  // Behind all onRequest hooks: a page of an allowed origin can read the answer.
  app.addHook('preParsing', async request => {
    if (stop.aborted) throw forUpload(request, stopping())
    const { raw } = request
    if (isUploadRoute(request)) return
    receiving.add(raw)
    raw.once('close', () => receiving.delete(raw))
  })
  const end = () => {
    for (const raw of receiving)
      if (!raw.complete && raw.listenerCount('error') > 0) raw.emit('error', stopping())
  }
  stop.addEventListener('abort', () => {
    end()
    // Some only begin to read their bodies now.
    setInterval(end, AGAIN_MS).unref()
  })
}
