import type { Socket } from 'node:net'
import { ApiError } from '../base/errors.ts'
import { problemHeaders, problemOf } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import { UNKNOWN_CODING } from './request-framing.ts'

/** Responds to a message that Node's parser does not accept as HTTP. There is no request yet, only the connection. */
export function handleBadHttp({ code, message }: Error & { code?: string }, socket: Socket): void {
  // Once a response has begun, the client would read this as its content.
  if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy()
  // Two framings at once, or an empty one, are malformed. Every other rejected transfer coding is unknown to this server.
  const isMalformed = /Content-Length|Empty/.test(message)
  const known = isMalformed ? undefined : BAD_HTTP[code ?? '']
  const error = new ApiError(
    ...(known ?? ([400, 'invalid_request', 'The message is not an HTTP/1.1 request.'] as const)),
  )
  const problem = problemOf(error)
  const body = JSON.stringify(problem)
  const headers = {
    ...problemHeaders(error.status),
    'Content-Length': Buffer.byteLength(body),
    'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${error.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`)
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

/** Time for the client to read the response. */
const LINGER_MS = 1000

const BAD_HTTP: Readonly<Record<string, readonly [status: number, code: ProblemCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'The headers are larger than 16 KiB.'],
  HPE_INVALID_TRANSFER_ENCODING: [501, 'unsupported_coding', UNKNOWN_CODING],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The headers did not arrive in time.'],
}
