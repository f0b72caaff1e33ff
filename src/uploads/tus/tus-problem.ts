import type { ServerResponse } from 'node:http'
import type { ApiError } from '../../base/errors.ts'
import { problemHeaders, problemOf, titleOf } from '../../base/problem.ts'
import type { UploadRequest } from '../core/upload-request.ts'

/**
 * Sends a problem (RFC 9457). tus specifies the status of an error and leaves its body to the server.
 * @param status replaces the error's status.
 */
export function sendProblem(
  { response, context }: UploadRequest,
  error: ApiError,
  status = error.status,
): void {
  const body = JSON.stringify({ ...problemOf(error, context.requestId), status, title: titleOf(status) })
  setHeaders(response, { ...problemHeaders(error.status), 'Content-Length': String(Buffer.byteLength(body)) })
  response.statusCode = status
  response.end(body)
}

export function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}
