import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, databaseTrouble } from '../../base/errors.ts'
import { problemHeaders, problemOf } from '../../base/problem.ts'
import type { UploadContext } from '../core/upload-context.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import { WANTED_DIGESTS } from './digest-fields.ts'
import { IetfProblem } from './ietf-problem.ts'
import { INTEROP_HEADER, type Interop, interopOf } from './interop.ts'
import { formatBoolean } from './structured-fields.ts'

export type Headers = Readonly<Record<string, string | undefined>>

/** A request of the IETF protocol and its response, in the request's interop version. */
export class Exchange {
  readonly upload: UploadRequest
  /** The source of the headers and the body. */
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly context: UploadContext
  readonly interop: Interop
  /** Aborts when the client disconnects or the response has been sent. */
  readonly signal: AbortSignal
  readonly #mayInform: boolean

  /** @param options.informational whether 104 may be sent (`mayInform`). */
  constructor(upload: UploadRequest, { informational }: { informational: boolean }) {
    const closed = new AbortController()
    upload.response.once('close', () => closed.abort())
    this.upload = upload
    this.request = upload.raw
    this.response = upload.response
    this.context = upload.context
    this.signal = closed.signal
    this.interop = interopOf(upload)
    this.#mayInform = informational
  }

  /** Whether the server sends the client its progress. */
  get sendsProgress(): boolean {
    return this.#mayInform && this.interop.progress
  }

  /** Sends 104 (Upload Resumption Supported) if the client supports it. */
  inform(headers: Headers): void {
    const { response } = this
    if (!this.#mayInform || response.headersSent || response.destroyed) return
    // "MUST also send a header field Upload-Draft-Interop-Version with the interop version as its value".
    const version = { [INTEROP_HEADER]: String(this.interop.version) }
    response.writeInformation(104, definedHeaders({ ...version, ...headers }))
  }

  /** The header that says whether the upload is complete. */
  completeness(complete: boolean): Headers {
    const { completeness } = this.interop
    return { [completeness]: formatBoolean(completeness === 'Upload-Incomplete' ? !complete : complete) }
  }

  respond(status: number, headers: Headers, body?: object): void {
    this.response
      .writeHead(status, {
        ...(body && { 'Content-Type': 'application/json; charset=utf-8' }),
        ...definedHeaders(headers),
      })
      .end(this.upload.method === 'HEAD' || !body ? undefined : JSON.stringify(body))
  }

  /** Sends an error (RFC 9457). @returns false if the error is unexpected and must be logged. */
  respondWithError(error: unknown, limits: string | undefined): boolean {
    const known = toApiError(error)
    const sent = known ?? unexpected()
    const { status, code } = sent
    const problem = error instanceof IetfProblem ? error : undefined
    const headers = {
      ...problemHeaders(status),
      ...this.completeness(problem?.over ?? false),
      'Upload-Offset': problem?.offset?.toString(),
      // "A server responding with a 413 status code as a result of its upload limits SHOULD include the Upload-Limit header field".
      'Upload-Limit': status === 413 ? limits : undefined,
      'Want-Content-Digest': code === 'invalid_digest' ? WANTED_DIGESTS : undefined,
      'Want-Repr-Digest': code === 'invalid_digest' ? WANTED_DIGESTS : undefined,
    }
    // The upload no longer exists.
    if (problem?.over) this.response.removeHeader('Location')
    this.respond(status, headers, problemOf(sent, this.context.requestId))
    return known !== undefined
  }
}

function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  return databaseTrouble(error)
}

/** The status is a 5xx, because the client "MAY automatically attempt upload resumption" then. */
function unexpected(): ApiError {
  return new ApiError(503, 'internal', 'An unexpected error occurred on the server. Try again.')
}

function definedHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
