import { type ApiError, DetailedError, retryAfterS } from './errors.ts'
import type { ProblemCode } from './problem-codes.ts'

/** RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  readonly field?: string
  readonly request_id?: string
  readonly [member: string]: unknown
}

/** The problem details of an error (RFC 9457). Every protocol sends errors in this form. */
export function problemOf(error: ApiError, requestId?: string): Problem {
  const { status, code, message, field } = error
  const { type = 'about:blank', members = {} } = error instanceof DetailedError ? error : {}
  return {
    type,
    title: titleOf(status),
    status,
    code,
    detail: message,
    ...(field && { field }),
    ...members,
    ...(requestId !== undefined && { request_id: requestId }),
  }
}

/** The headers of a response with a problem. */
export function problemHeaders(status: number): Record<string, string> {
  const waitS = retryAfterS(status)
  return {
    'Content-Type': `${PROBLEM_TYPE}; charset=utf-8`,
    'Cache-Control': 'no-store',
    ...(waitS !== undefined && { 'Retry-After': String(waitS) }),
  }
}

/** The phrase of a status (RFC 9110 §15): the title of a problem of the type `about:blank`. */
export function titleOf(status: number): string {
  return TITLES[status] ?? 'Error'
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
  // tus 1.0.0, Checksum.
  460: 'Checksum Mismatch',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
}
