import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { ERRORS } from '@tus/utils'
import { ApiError } from '../../base/errors.ts'
import { terminateUpload } from '../core/termination.ts'
import type { UploadRow } from '../core/upload-rows.ts'
import { uploadIdOf } from '../tus/tus-request.ts'
import { appendUpload } from './append-upload.ts'
import { cancellation } from './cancellation.ts'
import { createUpload } from './create-upload.ts'
import { Exchange } from './exchange.ts'
import type { DraftParts } from './ietf-deps.ts'
import { informs } from './informational.ts'
import { interopOf, isDraftRequest, PARTIAL_UPLOAD } from './interop.ts'
import { formatLimits } from './upload-limit.ts'
import { answerOutcome, uploadHeaders } from './upload-view.ts'

/** How long a question for the offset waits for a writer that makes progress, in milliseconds, and how often it looks. */
const HEAD_PATIENCE_MS = 10_000
const HEAD_INTERVAL_MS = 100
/** How long a writer may be silent, in milliseconds, once somebody has asked for the offset. */
const SILENCE_MS = 10_000

/**
 * Resumable Uploads for HTTP (draft-ietf-httpbis-resumable-upload, interop versions 3 to 8), on the same uploads as tus: what is begun
 * over the one can go on over the other. Not covered: creation by a request to another resource.
 */
export class DraftServer {
  readonly #parts: DraftParts

  constructor(parts: DraftParts) {
    this.#parts = parts
  }

  /**
   * Which protocol a request belongs to. A client of the finished standard names no version, so that its HEAD and DELETE go by what the upload
   * was created with. tus has no GET. @returns undefined if neither is named and there is no such upload.
   */
  async protocolOf(request: IncomingMessage): Promise<'ietf' | 'tus' | undefined> {
    const { method, headers, url = '' } = request
    if (isDraftRequest(request) || (method === 'GET' && headers['tus-resumable'] === undefined)) return 'ietf'
    if (headers['tus-resumable'] !== undefined || method === 'POST' || method === 'OPTIONS') return 'tus'
    const id = uploadIdOf(url)
    const row = id && (await this.#parts.store.peek(id))
    if (!row) return undefined
    return row.draft && method !== 'PATCH' ? 'ietf' : 'tus'
  }

  /** `Upload-Limit` for an upload that is still to be created. */
  limits(request: IncomingMessage): string | undefined {
    const { maxSize, store } = this.#parts
    return formatLimits({ maxSize, expiry: store.getExpiration() / 1000 }, interopOf(request))
  }

  /** Reads and answers a request. Does not throw. @param requestId for the log. */
  async handle(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { informational, log } = this.#parts
    const exchange = new Exchange(request, response, {
      requestId,
      informational: informs(request, informational),
    })
    try {
      await this.#answer(exchange)
    } catch (error) {
      const known = exchange.answerError(error, this.limits(request))
      if (!known)
        log.error({ err: error, method: request.method, request_id: requestId }, 'upload request failed')
    }
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request } = exchange
    const id = uploadIdOf(request.url ?? '')
    if (request.method === 'OPTIONS') return this.#discover(exchange)
    if (request.method === 'POST') {
      if (id) {
        exchange.response.setHeader('Allow', 'HEAD, GET, PATCH, DELETE, OPTIONS')
        throw new ApiError(405, 'method_not_allowed', 'Uploads are created at /uploads.')
      }
      return answerOutcome(this.#parts, exchange, await createUpload(this.#parts, exchange))
    }
    if (!id) throw ERRORS.FILE_NOT_FOUND
    if (request.method === 'PATCH')
      return answerOutcome(this.#parts, exchange, await appendUpload(this.#parts, exchange, id))
    requireBare(exchange)
    return request.method === 'DELETE' ? this.#cancel(exchange, id) : this.#tellOffset(exchange, id)
  }

  /** "the server MUST include the Upload-Limit header field with the corresponding limits in the response" to OPTIONS. */
  #discover(exchange: Exchange): void {
    exchange.answer(200, {
      'Upload-Limit': this.limits(exchange.request),
      'Accept-Patch': PARTIAL_UPLOAD,
      Allow: 'POST, HEAD, GET, PATCH, DELETE, OPTIONS',
      'Content-Length': '0',
    })
  }

  async #tellOffset(exchange: Exchange, id: string): Promise<void> {
    const row = await this.#settledRow(exchange, id)
    exchange.answer(204, {
      ...uploadHeaders(this.#parts, exchange, row),
      'Upload-Length': row.length === null ? undefined : String(row.length),
      'Cache-Control': 'no-store',
    })
  }

  /**
   * "the offset sent by the server MUST be accepted in a subsequent request": it is promised. A writer that makes progress is waited for,
   * for a while, so that the offset is its last. One that stays silent is ended: nobody is at its end.
   */
  async #settledRow({ signal }: Exchange, id: string): Promise<UploadRow> {
    const { locks, store } = this.#parts
    const deadline = performance.now() + HEAD_PATIENCE_MS
    while (locks.isBusy(id) && !signal.aborted && performance.now() < deadline) await pause(HEAD_INTERVAL_MS)
    if (!locks.isBusy(id)) locks.endSilent(id, SILENCE_MS)
    return store.tell(id)
  }

  /** DELETE ("Upload Cancellation"). */
  async #cancel(exchange: Exchange, id: string): Promise<void> {
    const { request, requestId, signal } = exchange
    await terminateUpload(this.#parts, { id, request, requestId }, cancellation(signal))
    exchange.answer(204, {})
  }
}

/** Up to interop version 6 a question that carries an answer is refused. */
function requireBare({ request, interop }: Exchange): void {
  const { completeness, bareQueries } = interop
  const extra = ['Upload-Offset', completeness].find(
    name => request.headers[name.toLowerCase()] !== undefined,
  )
  if (bareQueries && extra)
    throw new ApiError(400, 'invalid_header', `${request.method} takes no ${extra}.`, extra)
}
