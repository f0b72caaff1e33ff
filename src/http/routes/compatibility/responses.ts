import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, retryAfterS } from '../../../base/errors.ts'
import { apiErrorOf } from '../../problem.ts'

/** The response body of a success in the old video application. */
export function success<T>(message: string, data: T) {
  return { status: 'success' as const, message, data }
}

/** An error about several fields, with a list of messages for each, as the old application sent it. */
export class FieldsError extends ApiError {
  readonly fields: Readonly<Record<string, readonly string[]>>

  constructor(fields: Readonly<Record<string, readonly string[]>>) {
    super(400, 'invalid_request', 'The video was not saved. See the fields in data.')
    this.name = 'FieldsError'
    this.fields = fields
  }
}

/** Sends an error in the format of the old video application. */
export function sendVideoError(error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply) {
  const known = apiErrorOf(error, request)
  const fields =
    known instanceof FieldsError
      ? known.fields
      : known.field === undefined
        ? {}
        : { [known.field]: [known.message] }
  return sendJson(reply, known.status, { status: 'error', message: known.message, data: fields })
}

/** Sends an error in the format of the old recorder. */
export function sendRecorderError(
  error: FastifyError | ApiError,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { status, message } = apiErrorOf(error, request)
  return sendJson(reply, status, { message })
}

function sendJson(reply: FastifyReply, status: number, body: object) {
  const waitS = retryAfterS(status)
  if (waitS !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', waitS)
  return reply
    .code(status)
    .headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body)
}

const failures = (statuses: readonly number[], schema: object) =>
  Object.fromEntries(statuses.map(status => [status, { description: 'The request failed.', ...schema }]))

export const videoFailures = (...statuses: number[]) =>
  failures([401, 403, 429, ...statuses], {
    type: 'object',
    required: ['status', 'message', 'data'],
    properties: {
      status: { type: 'string', enum: ['error'] },
      message: { type: 'string', examples: ['The video was not found.'] },
      data: {
        type: 'object',
        additionalProperties: { type: 'array', items: { type: 'string' } },
        examples: [{ title: ['This field is required.'] }],
      },
    },
  })

export const recorderFailures = (...statuses: number[]) =>
  failures([401, 403, 429, ...statuses], {
    type: 'object',
    required: ['message'],
    properties: { message: { type: 'string', examples: ['The session was not found.'] } },
  })

/** Schema of a successful response of the old video application. */
export const responseOf = (message: string, data: object) => ({
  type: 'object',
  required: ['status', 'message', 'data'],
  properties: {
    status: { type: 'string', enum: ['success'] },
    message: { type: 'string', examples: [message] },
    data,
  },
})
export const oneVideo = (message: string) => ({
  description: message,
  ...responseOf(message, { $ref: 'OldVideo#' }),
})
