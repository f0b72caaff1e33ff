import type { Socket } from 'node:net'
import { ApiError } from '../base/errors.ts'
import { problemHeaders, problemOf } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import { UNKNOWN_CODING } from './request-framing.ts'

/** Responds to a message that Node's parser rejects. Node creates no request for it, only the connection exists. */
export function handleBadHttp({ code, message }: Error & { code?: string }, socket: Socket): void {
  // If a response has begun, the client would read this response as part of its content.
  if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy()
  // Both framing headers at once, or an empty one, are malformed. The parser rejects all other transfer codings as unsupported.
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

/** Time during which the client can read the response. */
const LINGER_MS = 1000

const BAD_HTTP: Readonly<Record<string, readonly [status: number, code: ProblemCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'The headers are larger than 16 KiB.'],
  HPE_INVALID_TRANSFER_ENCODING: [501, 'unsupported_coding', UNKNOWN_CODING],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The headers did not arrive in time.'],
}
