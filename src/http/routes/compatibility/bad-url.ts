import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { answerRecorderError, answerVideoError } from './answers.ts'

type Answer = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void

/** An id that is too long or badly encoded never reaches the routes of the old APIs, and is answered in their shapes. @param other for the rest. */
export function answerBadOldUrl(other: Answer): Answer {
  return (error, request, reply) => {
    if (!request.url.startsWith('/api/')) return other(error, request, reply)
    const isVideo = /^\/api\/videos\//.test(request.url)
    const found = new ApiError(404, 'not_found', `The ${isVideo ? 'video' : 'session'} was not found.`)
    void (isVideo ? answerVideoError : answerRecorderError)(found, request, reply)
  }
}
