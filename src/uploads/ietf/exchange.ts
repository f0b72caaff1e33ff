import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { ApiError, databaseTrouble, retryAfterS } from '../../base/errors.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'
import { WANTED_DIGESTS } from './digest-fields.ts'
import { DraftProblem } from './ietf-problem.ts'
import { INTEROP_HEADER, type Interop, interopOf } from './interop.ts'
import { formatBoolean } from './structured-fields.ts'

export type Headers = Readonly<Record<string, string | undefined>>

/** One request of the draft, and all that is said in answer to it, in the words of its version. */
export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly interop: Interop
  /** Aborts when the client is gone, or the answer is out. */
  readonly signal: AbortSignal
  readonly #informs: boolean

  /** @param options.informational whether 104 may be sent (`informs`). */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { requestId, informational }: { requestId: string; informational: boolean },
  ) {
    const closed = new AbortController()
    response.once('close', () => closed.abort())
    this.request = request
    this.response = response
    this.requestId = requestId
    this.signal = closed.signal
    this.interop = interopOf(request)
    this.#informs = informational
  }

  /** Whether the client learns of its progress. */
  get informsOfProgress(): boolean {
    return this.#informs && this.interop.progress
  }

  /** Sends 104 (Upload Resumption Supported), where the client can be told. */
  inform(headers: Headers): void {
    const { response } = this
    if (!this.#informs || response.headersSent || response.destroyed) return
    // "MUST also send a header field Upload-Draft-Interop-Version with the interop version as its value".
    const version = { [INTEROP_HEADER]: String(this.interop.version) }
    response.writeInformation(104, given({ ...version, ...headers }))
  }

  /** The header that says whether the upload is complete. */
  completeness(complete: boolean): Headers {
    const { completeness } = this.interop
    return { [completeness]: formatBoolean(completeness === 'Upload-Incomplete' ? !complete : complete) }
  }

  answer(status: number, headers: Headers, body?: object): void {
    const type = status < 400 ? 'application/json' : 'application/problem+json'
    this.response
      .writeHead(status, {
        ...given(headers),
        ...(body && { 'Content-Type': `${type}; charset=utf-8` }),
      })
      .end(this.request.method === 'HEAD' || !body ? undefined : JSON.stringify(body))
  }

  /** Answers with what went wrong (RFC 9457). @returns false where nobody could have known of it. */
  answerError(error: unknown, limits: string | undefined): boolean {
    const known = toApiError(error)
    const { status, code, message, field } = known ?? unexpected()
    const problem = error instanceof DraftProblem ? error : undefined
    const headers = {
      'Cache-Control': 'no-store',
      ...this.completeness(problem?.over ?? false),
      'Upload-Offset': problem?.offset?.toString(),
      // "A server responding with a 413 status code as a result of its upload limits SHOULD include the Upload-Limit header field".
      'Upload-Limit': status === 413 ? limits : undefined,
      'Retry-After': retryAfterS(status)?.toString(),
      'Want-Content-Digest': code === 'invalid_digest' ? WANTED_DIGESTS : undefined,
      'Want-Repr-Digest': code === 'invalid_digest' ? WANTED_DIGESTS : undefined,
    }
    // There is nothing there any more.
    if (problem?.over) this.response.removeHeader('Location')
    this.answer(status, headers, {
      type: problem?.type ?? 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      code,
      detail: message,
      ...(field && { field }),
      ...problem?.members,
      request_id: this.requestId,
    })
    return known !== undefined
  }
}

function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  const trouble = databaseTrouble(error)
  if (trouble) return trouble
  // One of tus' ERRORS, which the store throws.
  const { status_code: status, body } = (error ?? {}) as { status_code?: number; body?: string }
  if (!status || status >= 500 || !body) return undefined
  return new ApiError(status, CODES[status] ?? 'bad_request', body.trim())
}

const CODES: Readonly<Record<number, ProblemCode>> = { 404: 'not_found', 410: 'gone', 413: 'too_large' }

/** A 5xx, because the client "MAY automatically attempt upload resumption" after that. */
function unexpected(): ApiError {
  return new ApiError(503, 'internal', 'Something went wrong on the server: try again.')
}

function given(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
