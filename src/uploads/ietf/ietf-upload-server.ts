import { setTimeout as pause } from 'node:timers/promises'
import { ApiError } from '../../base/errors.ts'
import { terminateUpload } from '../core/termination.ts'
import { uploadNotFound } from '../core/upload-errors.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import { protocolOf, type UploadProtocol, type UploadRow } from '../core/upload-rows.ts'
import { appendUpload } from './append-upload.ts'
import { createUpload } from './create-upload.ts'
import { Exchange } from './exchange.ts'
import type { IetfDeps } from './ietf-deps.ts'
import { mayInform } from './informational.ts'
import { interopOf, isIetfRequest, PARTIAL_UPLOAD } from './interop.ts'
import { formatLimits } from './upload-limit.ts'
import { sendOutcome, uploadHeaders } from './upload-view.ts'

/** A request for the offset waits at most this long while a writer makes progress. */
const HEAD_MAX_WAIT_MS = 10_000
const HEAD_INTERVAL_MS = 100
/** After a request for the offset, a writer that receives no bytes for this long is ended. */
const SILENCE_MS = 10_000

/**
 * Resumable Uploads for HTTP (draft-ietf-httpbis-resumable-upload, interop versions 3 to 8), on the same uploads as tus: a client can begin
 * an upload with one protocol and continue it with the other. Not covered: creation by a request to another resource.
 */
export class IetfUploadServer {
  readonly #deps: IetfDeps

  constructor(deps: IetfDeps) {
    this.#deps = deps
  }

  /**
   * The protocol of a request. HEAD and DELETE look alike in both protocols: clients of old drafts name a version, but clients of the final
   * standard do not, so the protocol that created the upload decides. tus has no GET.
   * @returns undefined if the request names no protocol and the upload does not exist.
   */
  async protocolOf(
    request: Pick<UploadRequest, 'method' | 'headers' | 'id'>,
  ): Promise<UploadProtocol | undefined> {
    const { method, headers, id } = request
    if (isIetfRequest(request) || (method === 'GET' && headers['tus-resumable'] === undefined)) return 'ietf'
    if (headers['tus-resumable'] !== undefined || method === 'POST' || method === 'OPTIONS') return 'tus'
    const row = id && (await this.#deps.store.peek(id))
    if (!row) return undefined
    return method === 'PATCH' ? 'tus' : protocolOf(row)
  }

  /** `Upload-Limit` for an upload that does not exist yet. */
  limits(request: Pick<UploadRequest, 'headers'>): string | undefined {
    const { maxSize, store } = this.#deps
    return formatLimits({ maxSize, expiry: store.expiryS }, interopOf(request))
  }

  /** Handles a request and sends the response. Does not throw. */
  async handle(request: UploadRequest): Promise<void> {
    const { informational, log } = this.#deps
    const { requestId } = request.context
    const exchange = new Exchange(request, { informational: mayInform(request.raw, informational) })
    try {
      await this.#respond(exchange)
    } catch (error) {
      const known = exchange.respondWithError(error, this.limits(request))
      if (!known)
        log.error({ err: error, method: request.method, request_id: requestId }, 'upload request failed')
    }
  }

  async #respond(exchange: Exchange): Promise<void> {
    const { method, id } = exchange.upload
    if (method === 'OPTIONS') return this.#discover(exchange)
    if (method === 'POST') {
      if (id) {
        exchange.response.setHeader('Allow', 'HEAD, GET, PATCH, DELETE, OPTIONS')
        throw new ApiError(405, 'method_not_allowed', 'Create uploads with POST /uploads.')
      }
      return sendOutcome(this.#deps, exchange, await createUpload(this.#deps, exchange))
    }
    if (!id) throw uploadNotFound()
    if (method === 'PATCH')
      return sendOutcome(this.#deps, exchange, await appendUpload(this.#deps, exchange, id))
    requireBare(exchange)
    return method === 'DELETE' ? this.#cancel(exchange) : this.#sendOffset(exchange, id)
  }

  /** "the server MUST include the Upload-Limit header field with the corresponding limits in the response" to OPTIONS. */
  #discover(exchange: Exchange): void {
    exchange.respond(200, {
      'Upload-Limit': this.limits(exchange.request),
      'Accept-Patch': PARTIAL_UPLOAD,
      Allow: 'POST, HEAD, GET, PATCH, DELETE, OPTIONS',
      'Content-Length': '0',
    })
  }

  async #sendOffset(exchange: Exchange, id: string): Promise<void> {
    const row = await this.#settledRow(exchange, id)
    exchange.respond(204, {
      ...uploadHeaders(this.#deps, exchange, row),
      'Upload-Length': row.length === null ? undefined : String(row.length),
      'Cache-Control': 'no-store',
    })
  }

  /**
   * "the offset sent by the server MUST be accepted in a subsequent request", so the offset is promised. While another request still receives
   * bytes, this waits, so that the client need not send them again. A writer without progress is ended, because its client has disconnected.
   */
  async #settledRow({ signal }: Exchange, id: string): Promise<UploadRow> {
    const { locks, store } = this.#deps
    const deadline = performance.now() + HEAD_MAX_WAIT_MS
    let isBusy = await locks.isBusy(id)
    while (isBusy && !signal.aborted && performance.now() < deadline) {
      await pause(HEAD_INTERVAL_MS)
      isBusy = await locks.isBusy(id)
    }
    if (!isBusy) locks.endSilent(id, SILENCE_MS)
    return store.promiseSettledOffset(id)
  }

  /** DELETE ("Upload Cancellation"). */
  async #cancel(exchange: Exchange): Promise<void> {
    await terminateUpload(this.#deps, exchange.upload, exchange.signal)
    exchange.respond(204, {})
  }
}

/** Up to interop version 6, HEAD and DELETE must not have these headers. @throws ApiError 400 */
function requireBare({ upload, interop }: Exchange): void {
  const { completeness, bareQueries } = interop
  const extra = ['Upload-Offset', completeness].find(name => upload.headers[name.toLowerCase()] !== undefined)
  if (bareQueries && extra)
    throw new ApiError(400, 'invalid_header', `${upload.method} must not have the header ${extra}.`, extra)
}
