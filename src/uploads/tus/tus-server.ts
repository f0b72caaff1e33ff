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
import { answerProblem, setHeaders } from './tus-problem.ts'
import { OFFSET_STREAM, TusRequest } from './tus-request.ts'

export interface TusServerDeps extends TusDeps {
  readonly log: Logger
}

const METHODS = ['POST', 'PATCH', 'HEAD', 'DELETE', 'OPTIONS']

/**
 * tus 1.0.0. @tus/server dispatches requests, answers OPTIONS, follows cancellation and turns errors into responses. The other methods are
 * ours, because theirs acknowledge bytes that are not synced.
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
        // `#refuse` writes the answer.
        return { status_code: 500, body: '' }
      },
    })
    // Their types name classes that @tus/server does not export; the contract is `send`.
    Object.assign(this.#server.handlers, {
      DELETE: new DeleteHandler(deps),
      HEAD: new HeadHandler(deps),
      PATCH: new PatchHandler(deps),
      POST: new PostHandler(deps),
    })
  }

  /** Reads and answers a request. Does not throw. */
  async handle(upload: UploadRequest): Promise<void> {
    const { response } = upload
    response.setHeader('Tus-Resumable', TUS_RESUMABLE)
    const refusal = versionRefusal(upload)
    if (refusal) return answerProblem(upload, refusal)
    if (!METHODS.includes(upload.method)) return this.#refuse(upload, uploadNotFound())
    const request = new TusRequest(upload)
    const { status, headers } = await this.#server.handleWeb(request)
    // http/cors.ts alone decides what pages may do.
    for (const [name, value] of headers)
      if (!name.startsWith('access-control-') && name !== 'content-length') response.setHeader(name, value)
    if (request.error !== undefined) return this.#refuse(upload, request.error)
    if (upload.method === 'OPTIONS') return answerOptions(upload)
    response.statusCode = status
    response.end()
  }

  async #refuse(upload: UploadRequest, error: unknown): Promise<void> {
    const { method } = upload
    const known = error instanceof ApiError ? error : databaseTrouble(error)
    if (!known) this.#deps.log.error({ err: error, method }, 'tus request failed')
    const answered = known ?? UNEXPECTED
    const { status } = answered
    if (method === 'PATCH') await this.#describe(upload, status === 409)
    // After a 5xx on HEAD tus-js-client starts over; after 423 it tries again.
    answerProblem(upload, answered, method === 'HEAD' && status >= 500 ? 423 : status)
  }

  /**
   * Adds what a refused PATCH needs to know: when the upload expires ("MUST be included in every PATCH response if the upload is going to
   * expire"), and with a 409 its offset, because some clients do not ask for it and would repeat the same bytes (TUSKit #162).
   */
  async #describe({ id, response }: UploadRequest, isConflict: boolean): Promise<void> {
    const { store } = this.#deps
    const row = id && (await (isConflict ? store.tell(id) : store.peek(id)).catch(() => undefined))
    if (!row) return
    if (isConflict) response.setHeader('Upload-Offset', row.offset)
    const expires = expiresHeader(row)
    if (expires) response.setHeader('Upload-Expires', expires)
  }
}

const UNEXPECTED = new ApiError(503, 'internal', 'Something went wrong on the server: try again.')

/**
 * @tus/server answers 400 to these. The protocol names other statuses: 412 for another version (tus 1.0.0, Tus-Resumable: "MUST respond with
 * the 412 Precondition Failed status and MUST include the Tus-Version header"), and 415 for a PATCH of another type ("SHOULD return a 415
 * Unsupported Media Type status").
 */
function versionRefusal({ method, headers, response }: UploadRequest) {
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

/** "200 OK or 204 No Content" (tus 1.0.0, OPTIONS): some old clients refuse the second, which @tus/server sends. */
function answerOptions({ response }: UploadRequest): void {
  setHeaders(response, { 'Tus-Checksum-Algorithm': CHECKSUM_ALGORITHMS.join(), 'Content-Length': '0' })
  response.statusCode = 200
  response.end()
}
