import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { UploadRequest } from '../core/upload-request.ts'

/** What the body of a refusal says. */
export interface TusProblem {
  readonly status: number
  /** Made of the status if it is absent. */
  readonly code?: string
  readonly detail: string
  readonly field?: string | undefined
}

/** Answers with a problem (RFC 9457). tus names the status of a refusal and leaves its body to the server. */
export function answerProblem(
  { response, context }: UploadRequest,
  { status, code, detail, field }: TusProblem,
): void {
  const title = STATUS_CODES[status] ?? 'Error'
  const body = JSON.stringify({
    type: 'about:blank',
    title,
    status,
    code: code ?? title.toLowerCase().replaceAll(' ', '_'),
    detail,
    ...(field && { field }),
    request_id: context.requestId,
  })
  setHeaders(response, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
  })
  response.statusCode = status
  response.end(body)
}

export function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}
