import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'

/** Logs one line per request, and adds the request's id to the response. */
export function logRequests(app: FastifyInstance, level: 'info' | 'debug' = 'info'): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log[level](
      {
        method: request.method,
        url: withoutCredentials(request.url),
        status: reply.statusCode,
        took: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  // Without a payload, Fastify sends Content-Length: 0 for HEAD, which would be wrong for GET (RFC 9110 §8.6).
  app.addHook('onSend', async ({ method }, _reply, payload) =>
    method === 'HEAD' && (payload === undefined || payload === null) ? Readable.from([]) : payload,
  )
}

/** Removes credentials from a URL: signed links, upload links, share links, and codes of a sign-in. */
function withoutCredentials(url: string): string {
  return url
    .replace(/([?&](?:signature|link|share|code|state|url)=)[^&]*/g, '$1…')
    .replace(/^(.*\/s\/)[\w-]+/, '$1…')
}
