import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, DetailedError, databaseTrouble, retryAfterS } from '../base/errors.ts'
import { PROBLEM_CODES, type ProblemCode } from '../base/problem-codes.ts'
import { SKIP_REASONS, STEP_ERRORS } from '../base/step-reasons.ts'
import { STEP_NAMES } from '../database/schema.ts'
import { varyBy } from './cors.ts'
import { preferredType } from './negotiation.ts'
import { sendProblemPage } from './problem-page.ts'
import { UNKNOWN_CODING } from './request-framing.ts'
import { PROBLEM_TYPE } from './schemas.ts'
import { invalidInput } from './validation.ts'

/** What a problem can be, the one for clients without a preference first. */
const PROBLEM_TYPES = [PROBLEM_TYPE, 'application/json', 'text/html'] as const

/** RFC 9457 problem details, with our stable `code` and, where one input is at fault, its name. */
export const problemSchema = {
  $id: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', examples: ['about:blank'] },
    title: { type: 'string', examples: ['Not Found'] },
    status: { type: 'integer', examples: [404] },
    code: {
      type: 'string',
      enum: PROBLEM_CODES,
      description: 'Stable name of the problem. Later versions may add names.',
      examples: ['not_found'],
    },
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
    step: {
      type: 'string',
      enum: STEP_NAMES,
      description: 'For 404: the step of processing that makes what is absent.',
    },
    reason: {
      type: ['string', 'null'],
      enum: [...SKIP_REASONS, ...STEP_ERRORS, null],
      description:
        'For 404: why that step was skipped, or the code of its error; null while it is not done yet.',
      examples: ['no_audio'],
    },
    request_id: { type: 'string', description: 'Finds the request in the log.' },
  },
} as const

/**
 * The one place where errors become answers: known ones as they are, all others as a 500 that tells nothing but the request's id.
 * @param base path below which the service lies, without a trailing slash.
 */
export function answerErrors(app: FastifyInstance, base = ''): void {
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

/** The error that a client is told. Logs an unexpected one, and tells only that it happened. */
export function apiErrorOf(error: FastifyError | ApiError, request: FastifyRequest): ApiError {
  const { raw } = request
  if (raw.destroyed && !raw.complete) return new ApiError(400, 'broken_off', 'The request broke off.')
  const known = toApiError(error)
  if (known) return known
  request.log.error({ err: error }, 'request failed')
  return new ApiError(500, 'internal', 'Something went wrong on the server. The log has the details.')
}

/** For what fails before there is a route: a path that cannot be decoded, or a part of it that is longer than any of ours. */
export function answerBadUrl(base: string) {
  return ({ code }: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const detail =
      code === 'FST_ERR_MAX_PARAM_LENGTH'
        ? 'A part of the path is too long.'
        : 'The path is not properly encoded.'
    sendProblem(request, reply, new ApiError(400, 'invalid_request', detail), base)
  }
}

/** For what is no HTTP, where the connection is all that there is. */
export function answerBadHttp({ code, message }: Error & { code?: string }, socket: Socket): void {
  // Behind the beginning of an answer this would be taken for its content.
  if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy()
  // Two framings at once, or an empty one, are malformed; any other coding is one that this server does not know.
  const isMalformed = /Content-Length|Empty/.test(message)
  const [status, name, detail] = (isMalformed ? undefined : BAD_HTTP[code ?? '']) ?? [
    400,
    'invalid_request',
    'This is no HTTP/1.1 request.',
  ]
  const title = TITLES[status]!
  const body = JSON.stringify({ type: 'about:blank', title, status, code: name, detail })
  const headers = [
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none';frame-ancestors 'none'",
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${headers.join('\r\n')}\r\n\r\n${body}`)
  setTimeout(() => socket.destroy(), 1000).unref()
}

const BAD_HTTP: Readonly<Record<string, [status: number, code: ProblemCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'The headers are larger than 16 KiB.'],
  HPE_INVALID_TRANSFER_ENCODING: [501, 'unsupported_coding', UNKNOWN_CODING],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The headers did not come in time.'],
}

/** As JSON for programs; as a page for people, whose browsers prefer HTML. */
function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ApiError,
  base: string,
): FastifyReply {
  const wait = retryAfterS(error.status)
  if (wait !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', wait)
  varyBy(reply, 'Accept')
  reply.code(error.status).headers({ 'cache-control': 'no-store' })
  if (preferredType(request.headers.accept, PROBLEM_TYPES) === 'text/html')
    return sendProblemPage(request, reply, error, base)
  return reply
    .header('content-type', 'application/problem+json; charset=utf-8')
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
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Content',
  423: 'Locked',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
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
