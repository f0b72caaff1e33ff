import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, databaseTrouble } from '../base/errors.ts'
import { PROBLEM_TYPE, problemHeaders, problemOf } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import { varyBy } from './cors.ts'
import { preferredType } from './negotiation.ts'
import { sendProblemPage } from './problem-page.ts'
import { invalidInput } from './validation.ts'

/** Media types of a problem response, the default first. */
const PROBLEM_TYPES = [PROBLEM_TYPE, 'application/json', 'text/html'] as const

/**
 * Converts errors to responses. An unexpected error becomes a 500 without details, except for the request's id.
 * @param base path of the service's root, without a trailing slash.
 */
export function setErrorHandlers(app: FastifyInstance, base = ''): void {
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) =>
    sendProblem(request, reply, apiErrorOf(error, request), base),
  )
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      request,
      reply,
      new ApiError(404, 'not_found', `There is nothing at ${request.method} ${pathOf(request)}.`),
      base,
    ),
  )
}

/** The error that the client gets. An unexpected error is logged, and the client gets no details. */
export function apiErrorOf(error: FastifyError | ApiError, request: FastifyRequest): ApiError {
  const { raw } = request
  if (raw.destroyed && !raw.complete) return new ApiError(400, 'broken_off', 'The request was cut off.')
  const known = toApiError(error)
  if (known) return known
  request.log.error({ err: error }, 'request failed')
  return new ApiError(500, 'internal', 'An unexpected error occurred on the server. The log has the details.')
}

/** Handles requests that fail before routing, because their path is badly encoded or a segment is too long. */
export function badUrlHandler(base: string) {
  return ({ code }: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const detail =
      code === 'FST_ERR_MAX_PARAM_LENGTH'
        ? 'A segment of the path is too long.'
        : 'The path has an invalid percent-encoding.'
    sendProblem(request, reply, new ApiError(400, 'invalid_request', detail), base)
  }
}

/** Sends JSON, or an HTML page to browsers. */
function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ApiError,
  base: string,
): FastifyReply {
  const waitS = reply.getHeader('retry-after')
  varyBy(reply, 'Accept')
  reply.code(error.status).headers(problemHeaders(error.status))
  // The route may have set another time.
  if (waitS !== undefined) reply.header('retry-after', waitS)
  if (preferredType(request.headers.accept, PROBLEM_TYPES) === 'text/html')
    return sendProblemPage(request, reply, error, base)
  return reply
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      ...problemOf(error, request.id),
      ...(isOfBody(request, error) && {
        errors: [{ pointer: pointerTo(error.field!), detail: error.message }],
      }),
    })
}

/** Whether the field is in a JSON body, and not in the path, the query or a header. */
function isOfBody({ body, params, query, headers }: FastifyRequest, { status, field }: ApiError): boolean {
  if (field === undefined || (status !== 400 && status !== 422)) return false
  if (body === null || typeof body !== 'object') return false
  const [name = ''] = field.split('.')
  return ![params, query, headers].some(part => Object.hasOwn((part ?? {}) as object, name))
}

/** A JSON Pointer (RFC 6901). */
function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('.', '/')}`
}

function toApiError(error: FastifyError | ApiError): ApiError | undefined {
  if (error instanceof ApiError) return error
  if (error.validation) return invalidInput(error)
  const trouble = databaseTrouble(error)
  if (trouble) return trouble
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500)
    return new ApiError(status, CODES[status] ?? 'bad_request', error.message)
  return undefined
}

const CODES: Readonly<Record<number, ProblemCode>> = {
  406: 'not_acceptable',
  413: 'too_large',
  415: 'unsupported_media_type',
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]!.slice(0, 200)
}
