import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { TUS_RESUMABLE } from '@tus/utils'
import { ApiError } from '../../base/errors.ts'
import { isMediaType, listElements } from '../../base/header-fields.ts'
import { OFFSET_STREAM } from './tus-request.ts'

interface Refusal {
  readonly status: number
  readonly reason: string
}

/**
 * What is refused before anything else is looked at, with the status that the protocol names (@tus/server answers 400 to all of it):
 * another version (tus 1.0.0, Tus-Resumable: "MUST respond with the 412 Precondition Failed status and MUST include the Tus-Version
 * header"), and a PATCH of another type ("SHOULD return a 415 Unsupported Media Type status").
 */
export function refusalOf({ method, headers }: IncomingMessage): Refusal | undefined {
  if (method === 'OPTIONS') return undefined
  const versions = listElements(headers['tus-resumable'])
  if (versions.length === 0 || versions.some(version => version !== TUS_RESUMABLE)) {
    return { status: 412, reason: `Tus-Resumable must be ${TUS_RESUMABLE}.` }
  }
  if (method === 'PATCH' && !isMediaType(headers['content-type'], OFFSET_STREAM)) {
    return { status: 415, reason: `Content-Type must be ${OFFSET_STREAM}.` }
  }
  return undefined
}

export function refuse(response: ServerResponse, { status, reason }: Refusal, requestId: string): void {
  response
    .writeHead(status, {
      'Tus-Resumable': TUS_RESUMABLE,
      'Tus-Version': TUS_RESUMABLE,
      'Content-Type': PROBLEM_TYPE,
    })
    .end(problemBody({ status, detail: reason }, requestId))
}

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

interface Problem {
  readonly status: number
  readonly code?: string
  readonly detail: string
  readonly field?: string | undefined
}

/** RFC 9457, which tus leaves to the server: it names the status of a refusal, and nothing of its content. */
function problemBody({ status, code, detail, field }: Problem, requestId: string): string {
  const title = STATUS_CODES[status] ?? 'Error'
  return JSON.stringify({
    type: 'about:blank',
    title,
    status,
    code: code ?? title.toLowerCase().replaceAll(' ', '_'),
    detail,
    ...(field && { field }),
    request_id: requestId,
  })
}

/** Turns the texts that @tus/server refuses with into problems. @param error what was thrown, if that is known. */
export async function asProblem(answer: Response, error: unknown, requestId: string): Promise<Response> {
  if (answer.status < 400 || answer.headers.get('content-type')?.includes('json')) return answer
  const { status, headers } = answer
  const text = (await answer.text()).trim() || 'The request cannot be carried out'
  const detail = text.endsWith('.') ? text : `${text}.`
  const known = error instanceof ApiError ? { code: error.code, field: error.field } : {}
  const body = problemBody({ status, detail, ...known }, requestId)
  headers.set('Content-Type', PROBLEM_TYPE)
  headers.set('Content-Length', String(Buffer.byteLength(body)))
  return new Response(body, { status, headers })
}
