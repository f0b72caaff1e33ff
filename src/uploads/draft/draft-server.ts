import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { ERRORS } from '@tus/utils'
import { ApiError } from '../../errors.ts'
import { locked, uploadIdOf } from '../tus-request.ts'
import type { UploadRow } from '../upload-rows.ts'
import { appendUpload } from './append-upload.ts'
import { cancellation } from './cancellation.ts'
import { createUpload } from './create-upload.ts'
import { allowPage } from './draft-cors.ts'
import type { DraftParts } from './draft-parts.ts'
import { Exchange } from './exchange.ts'
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
   * Whether a request is the draft's, and not tus'. Of HEAD and DELETE only the drafts' clients say which of the two they are: the
   * standard's will not, so that it counts what the upload was created by. tus has no GET.
   */
  async takes(request: IncomingMessage): Promise<boolean> {
    const { method, headers, url = '' } = request
    if (isDraftRequest(request)) return true
    if (headers['tus-resumable'] !== undefined) return false
    if (method === 'GET') return true
    if (method !== 'HEAD' && method !== 'DELETE') return false
    const id = uploadIdOf(url)
    if (!id) return false
    // Where the database is away both protocols have an answer to that.
    const row = await this.#parts.store.peek(id).catch(() => undefined)
    return row?.draft ?? false
  }

  /** `Upload-Limit` for an upload that is still to be created. */
  limits(request: IncomingMessage): string | undefined {
    const { maxSize, store } = this.#parts
    return formatLimits({ maxSize, expiry: store.getExpiration() / 1000 }, interopOf(request))
  }

  /** Reads and answers a request. Does not throw. @param requestId for the log. */
  async handle(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { informational, isAllowedOrigin, log } = this.#parts
    const exchange = new Exchange(request, response, { requestId, informational })
    allowPage(request, response, isAllowedOrigin)
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
    exchange.answer(204, {
      'Upload-Limit': this.limits(exchange.request),
      'Accept-Patch': PARTIAL_UPLOAD,
      Allow: 'POST, HEAD, GET, PATCH, DELETE, OPTIONS',
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

  /** DELETE: takes the upload away from whoever writes to it ("Upload Cancellation"). */
  async #cancel(exchange: Exchange, id: string): Promise<void> {
    const { locks, store } = this.#parts
    await locked(locks, id, cancellation(exchange.signal), async () => {
      const row = await store.open(id)
      if (row.finished_at && row.concat !== 'partial')
        throw new ApiError(
          409,
          'upload_finished',
          'The upload is a video now: DELETE /videos/{id} removes it.',
        )
      await store.remove(id)
    })
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
