import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../base/errors.ts'

/** A name or an address with an optional port (RFC 9112 §3.2, RFC 3986 §3.2.2). The host of an http URI is not empty (RFC 9110 §4.2.1). */
const HOST =
  /^(?:\[[\da-f:.]+\]|\[v[\da-f]+\.[\w.~!$&'()*+,;=:-]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+)(?::(\d*))?$/i
const MAX_PORT = 65_535

/**
 * Rejects requests that this server and a proxy in front of it could parse differently (RFC 9112 §11.2, request smuggling), on every route.
 * Node's parser rejects others earlier: see `handleBadHttp`.
 */
export function requireFraming(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }, reply) => {
    const problem = framingProblem(raw)
    if (!problem) return
    reply.header('connection', 'close')
    throw problem
  })
}

/** @returns the error in the framing of a message; undefined if there is none. */
export function framingProblem(request: IncomingMessage): ApiError | undefined {
  return codingProblem(request) ?? hostProblem(request)
}

function codingProblem({ headers, httpVersionMinor }: IncomingMessage): ApiError | undefined {
  const codings = headers['transfer-encoding']
  if (codings === undefined) return undefined
  // RFC 9112 §6.1: "A server or client that receives an HTTP/1.0 message containing a Transfer-Encoding header field MUST treat the
  // message as if the framing is faulty".
  if (httpVersionMinor === 0)
    return new ApiError(
      400,
      'invalid_request',
      'An HTTP/1.0 request cannot have Transfer-Encoding.',
      'transfer-encoding',
    )
  // "A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501".
  if (codings.trim().toLowerCase() === 'chunked') return undefined
  return new ApiError(501, 'unsupported_coding', UNKNOWN_CODING, 'transfer-encoding')
}

export const UNKNOWN_CODING = 'The only supported Transfer-Encoding is chunked.'

/**
 * RFC 9112 §3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host header field
 * and to any request message that contains more than one Host header field line or a Host header field with an invalid field value."
 */
function hostProblem({ rawHeaders, httpVersionMinor }: IncomingMessage): ApiError | undefined {
  const hosts = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host')
  const [host] = hosts
  if (hosts.length > 1)
    return new ApiError(400, 'invalid_request', 'The request has more than one Host header.', 'host')
  if (host === undefined)
    return httpVersionMinor === 0
      ? undefined
      : new ApiError(400, 'invalid_request', 'The request has no Host header.', 'host')
  const [valid, port = ''] = HOST.exec(host) ?? []
  if (valid !== undefined && Number(port) <= MAX_PORT) return undefined
  return new ApiError(
    400,
    'invalid_request',
    'The Host header must be a name or an address with an optional port.',
    'host',
  )
}
