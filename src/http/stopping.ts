import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { stopping } from '../uploads/locks/release-errors.ts'
import { forUpload } from './guard.ts'
import { isUploadRoute } from './route-policy.ts'

/** Interval at which requests that are still open are ended. */
const REPEAT_MS = 100

/**
 * Responds with 503 while the service stops, to new requests on open connections and to requests whose bodies are still arriving. Complete
 * requests are served. The upload protocols end their own requests and keep the received bytes.
 */
export function rejectWhenStopping(app: FastifyInstance, stop: AbortSignal): void {
  const receiving = new Set<IncomingMessage>()
  // After all onRequest hooks, so that a page of an allowed origin can read the response.
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
    // Some requests begin to read their bodies only now.
    setInterval(end, REPEAT_MS).unref()
  })
}
