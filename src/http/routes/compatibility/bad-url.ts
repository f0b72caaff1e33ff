import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { sendRecorderError, sendVideoError } from './responses.ts'

type ErrorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void

/**
 * Responds to ids that are too long or badly encoded in the error formats of the old APIs. Such requests reach no route.
 * @param other handles all other URLs.
 */
export function badOldUrlHandler(other: ErrorHandler): ErrorHandler {
  return (error, request, reply) => {
    if (!request.url.startsWith('/api/')) return other(error, request, reply)
    const isVideo = /^\/api\/videos\//.test(request.url)
    const missing = new ApiError(404, 'not_found', `The ${isVideo ? 'video' : 'session'} was not found.`)
    void (isVideo ? sendVideoError : sendRecorderError)(missing, request, reply)
  }
}
