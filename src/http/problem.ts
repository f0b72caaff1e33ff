import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, DetailedError, isDatabaseUnavailable } from '../errors.ts'

/** RFC 9457 problem details, with our stable `code` and, where one input is at fault, its name. */
export const problemSchema = {
  $id: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', examples: ['about:blank'] },
    title: { type: 'string', examples: ['Not Found'] },
    status: { type: 'integer', examples: [404] },
    code: { type: 'string', description: 'Stable name of the problem.', examples: ['not_found'] },
    detail: { type: 'string', examples: ['The video was not found.'] },
    field: { type: 'string', description: 'The input that is at fault.', examples: ['title'] },
    errors: {
      type: 'array',
      description: 'What is wrong with a JSON body, and where: `pointer` is a JSON Pointer (RFC 6901).',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: { type: 'string', examples: ['/title'] },
          detail: { type: 'string', examples: ['must be string'] },
        },
      },
    },
    request_id: { type: 'string', description: 'Finds the request in the log.' },
  },
} as const

/** The one place where errors become answers: known ones as they are, all others as a 500 that tells nothing but the request's id. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const { raw } = request
    const brokenOff = raw.destroyed && !raw.complete
    const known = brokenOff ? new ApiError(400, 'broken_off', 'The request broke off.') : toApiError(error)
    if (!known) request.log.error({ err: error }, 'request failed')
    return sendProblem(
      request,
      reply,
      known ?? new ApiError(500, 'internal', 'Something went wrong on the server. The log has the details.'),
    )
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      request,
      reply,
      new ApiError(404, 'not_found', `There is nothing at ${request.method} ${pathOf(request)}.`),
    ),
  )
}

/** For what fails before there is a route: a path that cannot be decoded. */
export function answerBadUrl(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(request, reply, new ApiError(400, 'invalid_request', 'The path is not properly encoded.'))
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: ApiError): FastifyReply {
  return reply
    .code(error.status)
    .headers({ 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' })
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      type: 'about:blank',
      title: TITLES[error.status] ?? 'Error',
      status: error.status,
      code: error.code,
      detail: error.message,
      ...(error.field && { field: error.field }),
      ...(isOfBody(request, error) && {
        errors: [{ pointer: pointerTo(error.field!), detail: error.message }],
      }),
      ...(error instanceof DetailedError && error.members),
      request_id: request.id,
    })
}

/** Whether it is a JSON body that has the field, and not the path, the query or a header. */
function isOfBody({ body, params, query, headers }: FastifyRequest, { status, field }: ApiError): boolean {
  if (field === undefined || (status !== 400 && status !== 422)) return false
  if (body === null || typeof body !== 'object') return false
  const [name = ''] = field.split('.')
  return ![params, query, headers].some(part => Object.hasOwn((part ?? {}) as object, name))
}

/** RFC 6901. */
function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('.', '/')}`
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Content',
  423: 'Locked',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
}

function toApiError(error: FastifyError | ApiError): ApiError | undefined {
  if (error instanceof ApiError) return error
  if (error.validation) {
    const [first] = error.validation
    const params = first?.params as { missingProperty?: string; additionalProperty?: string } | undefined
    const path = first?.instancePath.replace(/^\//, '').replaceAll('/', '.')
    const field = [path, params?.missingProperty ?? params?.additionalProperty].filter(Boolean).join('.')
    return new ApiError(400, 'invalid_request', `${error.message}.`, field || error.validationContext)
  }
  if (isDatabaseUnavailable(error)) {
    return new ApiError(503, 'database_unavailable', 'The database cannot be reached now: try again.')
  }
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500)
    return new ApiError(status, CODES[status] ?? 'bad_request', error.message)
  return undefined
}

const CODES: Readonly<Record<number, string>> = {
  406: 'not_acceptable',
  413: 'too_large',
  415: 'unsupported_media_type',
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]!.slice(0, 200)
}
