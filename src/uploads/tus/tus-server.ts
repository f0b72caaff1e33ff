import { Server } from '@tus/server'
import { TUS_RESUMABLE } from '@tus/utils'
import type { Logger } from 'pino'
import { ApiError, databaseTrouble } from '../../base/errors.ts'
import { isMediaType, listElements } from '../../base/header-fields.ts'
import { uploadNotFound } from '../core/upload-errors.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import { CHECKSUM_ALGORITHMS } from './checksum-header.ts'
import { DeleteHandler } from './delete-handler.ts'
import { expiresHeader } from './expires-header.ts'
import { HeadHandler } from './head-handler.ts'
import { PatchHandler } from './patch-handler.ts'
import { PostHandler } from './post-handler.ts'
import { TusDataStore } from './tus-data-store.ts'
import type { TusDeps } from './tus-handler.ts'
import { sendProblem, setHeaders } from './tus-problem.ts'
import { OFFSET_STREAM, TusRequest } from './tus-request.ts'

export interface TusServerDeps extends TusDeps {
  readonly log: Logger
}

const METHODS = ['POST', 'PATCH', 'HEAD', 'DELETE', 'OPTIONS']

/**
 * A tus 1.0.0 server. @tus/server dispatches requests, responds to OPTIONS, and handles cancellation and errors. The handlers of the other
 * methods are ours, because those of @tus/server acknowledge bytes before they are synced.
 */
export class TusServer {
  readonly #deps: TusServerDeps
  readonly #server: Server

  constructor(deps: TusServerDeps) {
    this.#deps = deps
    this.#server = new Server({
      path: '/uploads',
      datastore: new TusDataStore(),
      maxSize: deps.maxSize,
      onResponseError: async (request, error) => {
        ;(request as TusRequest).error = error
        // `#sendError` writes the response.
        return { status_code: 500, body: '' }
      },
    })
    // The handlers' types refer to classes that @tus/server does not export. It only calls `send`.
    Object.assign(this.#server.handlers, {
      DELETE: new DeleteHandler(deps),
      HEAD: new HeadHandler(deps),
      PATCH: new PatchHandler(deps),
      POST: new PostHandler(deps),
    })
  }

  /** Handles a request and sends the response. Does not throw. */
  async handle(upload: UploadRequest): Promise<void> {
    const { response } = upload
    response.setHeader('Tus-Resumable', TUS_RESUMABLE)
    const rejection = rejectionOf(upload)
    if (rejection) return sendProblem(upload, rejection)
    if (!METHODS.includes(upload.method)) return this.#sendError(upload, uploadNotFound())
    const request = new TusRequest(upload)
    const { status, headers } = await this.#server.handleWeb(request)
    // http/cors.ts sets the CORS headers.
    for (const [name, value] of headers)
      if (!name.startsWith('access-control-') && name !== 'content-length') response.setHeader(name, value)
    if (request.error !== undefined) return this.#sendError(upload, request.error)
    if (upload.method === 'OPTIONS') return sendOptions(upload)
    response.statusCode = status
    response.end()
  }

  async #sendError(upload: UploadRequest, error: unknown): Promise<void> {
    const { method } = upload
    const known = error instanceof ApiError ? error : databaseTrouble(error)
    if (!known) this.#deps.log.error({ err: error, method }, 'tus request failed')
    const sent = known ?? UNEXPECTED
    const { status } = sent
    if (method === 'PATCH') await this.#addUploadHeaders(upload, status === 409)
    // After a 5xx response to HEAD, tus-js-client starts the upload over; after 423 it repeats the request.
    sendProblem(upload, sent, method === 'HEAD' && status >= 500 ? 423 : status)
  }

  /**
   * Adds headers to an error response to PATCH: the time of expiry ("MUST be included in every PATCH response if the upload is going to
   * expire"), and with 409 the offset, because some clients do not request it and would repeat the same bytes (TUSKit #162).
   */
  async #addUploadHeaders({ id, response }: UploadRequest, isConflict: boolean): Promise<void> {
    const { store } = this.#deps
    const row =
      id && (await (isConflict ? store.promiseSettledOffset(id) : store.peek(id)).catch(() => undefined))
    if (!row) return
    if (isConflict) response.setHeader('Upload-Offset', row.offset)
    const expires = expiresHeader(row)
    if (expires) response.setHeader('Upload-Expires', expires)
  }
}

const UNEXPECTED = new ApiError(503, 'internal', 'An unexpected error occurred on the server. Try again.')

/**
 * Rejects a wrong version and a wrong media type with the statuses of the protocol; @tus/server would respond with 400. tus 1.0.0,
 * Tus-Resumable: "MUST respond with the 412 Precondition Failed status and MUST include the Tus-Version header"; PATCH: "SHOULD return a 415
 * Unsupported Media Type status".
 */
function rejectionOf({ method, headers, response }: UploadRequest) {
  if (method === 'OPTIONS') return undefined
  const versions = listElements(headers['tus-resumable'])
  const isOther = versions.length === 0 || versions.some(version => version !== TUS_RESUMABLE)
  const isOtherType = method === 'PATCH' && !isMediaType(headers['content-type'], OFFSET_STREAM)
  if (!isOther && !isOtherType) return undefined
  response.setHeader('Tus-Version', TUS_RESUMABLE)
  return isOther
    ? new ApiError(412, 'precondition_failed', `Tus-Resumable must be ${TUS_RESUMABLE}.`)
    : new ApiError(415, 'unsupported_media_type', `Content-Type must be ${OFFSET_STREAM}.`)
}

/** "200 OK or 204 No Content" (tus 1.0.0, OPTIONS). Some old clients reject 204, which @tus/server sends. */
function sendOptions({ response }: UploadRequest): void {
  setHeaders(response, { 'Tus-Checksum-Algorithm': CHECKSUM_ALGORITHMS.join(), 'Content-Length': '0' })
  response.statusCode = 200
  response.end()
}
