import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { answerRecorderError, answerVideoError } from './answers.ts'

type Answer = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void

/** Answers ids that are too long or badly encoded in the shapes of the old APIs: such requests reach no route. @param other answers the rest. */
export function answerBadOldUrl(other: Answer): Answer {
  return (error, request, reply) => {
    if (!request.url.startsWith('/api/')) return other(error, request, reply)
    const isVideo = /^\/api\/videos\//.test(request.url)
    const missing = new ApiError(404, 'not_found', `The ${isVideo ? 'video' : 'session'} was not found.`)
    void (isVideo ? answerVideoError : answerRecorderError)(missing, request, reply)
  }
}
