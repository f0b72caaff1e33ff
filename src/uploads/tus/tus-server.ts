import { Server } from '@tus/server'
import { ERRORS } from '@tus/utils'
import type { Logger } from 'pino'
import { ApiError, databaseTrouble, retryAfterS } from '../../base/errors.ts'
import { expiresHeader } from '../core/upload-rows.ts'
import type { UploadStore } from '../core/upload-store.ts'
import { DeleteHandler } from './delete-handler.ts'
import { HeadHandler } from './head-handler.ts'
import { OptionsHandler } from './options-handler.ts'
import { PatchHandler } from './patch-handler.ts'
import { PostHandler } from './post-handler.ts'
import type { TusParts } from './tus-handler.ts'
import { asProblem, refusalOf, refuse } from './tus-refusal.ts'
import { type TusRequest, uploadIdOf } from './tus-request.ts'

export interface TusServerParts extends TusParts {
  readonly log: Logger
}

const UNEXPECTED = new ApiError(503, 'internal', 'Something went wrong on the server: try again.')

/** The tus server with all its hooks; every setting whose default is unsafe is set here. */
export function createTusServer(parts: TusServerParts): Server {
  const { store, locks, log, maxSize } = parts
  const thrown = new WeakMap<object, unknown>()
  const server = new Server({
    path: '/uploads',
    datastore: store,
    locker: locks,
    // 0 would be taken as 3 s. What a holder has received is written and synced after the abort.
    lockDrainTimeout: 1,
    maxSize,
    getFileIdFromRequest: req => uploadIdOf(req.url),
    onResponseError: async (req, error) => {
      thrown.set(req, error)
      const isConflict = error instanceof ApiError ? error.status === 409 : error === ERRORS.INVALID_OFFSET
      if (req.method === 'PATCH') await describeRefused(req as TusRequest, store, isConflict)
      const known = error instanceof ApiError ? error : databaseTrouble(error)
      if (!known && Object.values(ERRORS).includes(error as (typeof ERRORS)['ABORTED'])) return undefined
      if (!known) log.error({ err: error, method: req.method }, 'tus request failed')
      const { status, message } = known ?? UNEXPECTED
      const wait = retryAfterS(status)
      if (wait !== undefined) (req as TusRequest).runtime?.node?.res?.setHeader('Retry-After', wait)
      // To a 5xx on HEAD tus-js-client answers by starting over; to 423 by trying again.
      return { status_code: req.method === 'HEAD' && status >= 500 ? 423 : status, body: `${message}\n` }
    },
  })
  const own = {
    DELETE: new DeleteHandler(parts),
    HEAD: new HeadHandler(parts),
    OPTIONS: new OptionsHandler(parts),
    PATCH: new PatchHandler(parts),
    POST: new PostHandler(parts),
  }
  // Their types name classes that @tus/server does not export; the contract is `send`.
  Object.assign(server.handlers, own)
  const { handler } = server as unknown as { handler: (request: TusRequest) => Promise<Response> }
  // What pages may do is said in one place for all routes (http/cors.ts), which is not here.
  Object.assign(server, {
    handler: async (request: TusRequest) => {
      const answer = withoutCors(await handler.call(server, request))
      return asProblem(answer, thrown.get(request), parts.requestIdOf(request.headers))
    },
  })
  const handle = server.handle.bind(server)
  server.handle = async (request, response) => {
    const refusal = refusalOf(request)
    if (refusal) refuse(response, refusal, String(response.getHeader('x-request-id') ?? ''))
    else await handle(request, response)
  }
  return server
}

function withoutCors(answer: Response): Response {
  for (const name of [...answer.headers.keys()])
    if (name.startsWith('access-control-')) answer.headers.delete(name)
  return answer
}

/**
 * What a refused PATCH is told of the upload: how long it stands ("MUST be included in every PATCH response if the upload is going to
 * expire"), and with a 409 where to go on: clients that do not ask for it (TUSKit #162) would send the same bytes again and again.
 */
async function describeRefused(req: TusRequest, store: UploadStore, isConflict: boolean): Promise<void> {
  const id = uploadIdOf(req.url)
  const row = id && (await (isConflict ? store.tell(id) : store.peek(id)).catch(() => undefined))
  const response = req.runtime?.node?.res
  if (!row || !response) return
  if (isConflict) response.setHeader('Upload-Offset', row.offset)
  const expires = expiresHeader(row)
  if (expires) response.setHeader('Upload-Expires', expires)
}
