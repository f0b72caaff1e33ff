import type { ServerResponse } from 'node:http'
import { Server } from '@tus/server'
import { ERRORS, type Locker } from '@tus/utils'
import type { Logger } from 'pino'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../errors.ts'
import { validateMetadata } from './metadata.ts'
import type { UploadLocks } from './upload-locks.ts'
import type { UploadStore } from './upload-store.ts'

export interface TusServerParts {
  readonly store: UploadStore
  readonly locks: UploadLocks
  readonly log: Logger
  /** Bytes. */
  readonly maxSize: number
  readonly publicUrl: string | undefined
  readonly isAllowedOrigin: (origin: string) => boolean
  /** Id of the HTTP request that a tus request came in, for the log. */
  readonly requestIdOf: (headers: Headers) => string
}

const UPLOAD_ID = /\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/?(?:\?.*)?$/

/** The tus server with all its hooks; every setting whose default is unsafe is set here. */
export function createTusServer(parts: TusServerParts): Server {
  const { store, locks, log, publicUrl } = parts
  return new Server({
    path: '/uploads',
    datastore: store,
    // HEAD does not cut a writer that makes progress: the row tells the durable offset without the lock.
    locker: req => (req.method === 'HEAD' ? headLocks(locks) : locks),
    // 0 would be taken as 3 s. What a holder has received is written and synced after the abort.
    lockDrainTimeout: 1,
    maxSize: parts.maxSize,
    namingFunction: () => uuid(),
    generateUrl: (_req, { path, id }) => `${publicUrl ?? ''}${path}/${id}`,
    getFileIdFromRequest: req => UPLOAD_ID.exec(req.url)?.[1],
    // What is finished is a video: DELETE /videos/{id} removes it.
    disableTerminationForFinishedUploads: true,
    allowedOrigins: parts.isAllowedOrigin,
    exposedHeaders: ['Upload-Expires'],
    onIncomingRequest: async req => {
      requireDigits(req.headers, 'Upload-Length')
      requireDigits(req.headers, 'Upload-Offset')
    },
    onUploadCreate: async (req, upload) => {
      validateMetadata(upload.metadata ?? {})
      store.attribute(upload, parts.requestIdOf(req.headers as unknown as Headers))
      return {}
    },
    onResponseError: async (req, error) => {
      const isConflict = error instanceof ApiError ? error.status === 409 : error === ERRORS.INVALID_OFFSET
      if (isConflict) await nameOffset(req as TusRequest, store)
      if (error instanceof ApiError) return { status_code: error.status, body: `${error.message}\n` }
      if (Object.values(ERRORS).includes(error as (typeof ERRORS)['ABORTED'])) return undefined
      log.error({ err: error, method: req.method }, 'tus request failed')
      // To a 5xx on HEAD tus-js-client answers by starting over; to 423 by trying again.
      return {
        status_code: req.method === 'HEAD' ? 423 : 503,
        body: 'Something went wrong on the server: try again.\n',
      }
    },
  })
}

function headLocks(locks: UploadLocks): Locker {
  const noLock = { lock: async () => {}, unlock: async () => {} }
  return { newLock: id => (locks.isBusy(id) ? noLock : locks.newLock(id)) }
}

type TusRequest = Request & { readonly runtime?: { readonly node?: { readonly res?: ServerResponse } } }

/** Says in a 409 where to go on: clients that do not ask for it (TUSKit #162) would send the same bytes again and again. */
async function nameOffset(req: TusRequest, store: UploadStore): Promise<void> {
  const id = UPLOAD_ID.exec(req.url)?.[1]
  const upload = id && (await store.getUpload(id).catch(() => undefined))
  if (upload) req.runtime?.node?.res?.setHeader('Upload-Offset', upload.offset)
}

/** @tus/server takes `1e+21` as 1. @throws ApiError 400 */
function requireDigits(headers: { get(name: string): string | null }, name: string): void {
  const value = headers.get(name)
  if (value !== null && (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value)))) {
    throw new ApiError(400, 'invalid_header', `${name} must be a whole number of bytes.`, name)
  }
}
