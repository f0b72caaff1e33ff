import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { CancellationContext, Lock } from '@tus/utils'
import { ApiError, databaseUnavailable } from '../../base/errors.ts'
import { fieldOf } from '../../base/header-fields.ts'
import { deleted, stopping, takenOver } from '../core/upload-errors.ts'
import type { Release, UploadLocks } from '../locks/upload-locks.ts'

/** What @tus/server hands to a handler: a web Request that knows the Node request that it was made from. */
export type TusRequest = Request & {
  readonly runtime?: { readonly node?: { readonly req: IncomingMessage; readonly res: ServerResponse } }
}

export const OFFSET_STREAM = 'application/offset+octet-stream'

const UPLOAD_ID = /\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/?(?:\?.*)?$/

/** The id at the end of an upload's URL; undefined where there is none in the one form that ids have. */
export function uploadIdOf(url: string): string | undefined {
  return UPLOAD_ID.exec(url)?.[1]
}

/** @throws Error where the request did not come in through Node's server. */
export function nodeRequest(request: TusRequest): IncomingMessage {
  const raw = request.runtime?.node?.req
  if (!raw) throw new Error('not a Node request')
  return raw
}

/**
 * A header that counts bytes: digits only, up to 2^53-1. (@tus/server takes `1e+21` as 1.)
 * @returns undefined if it is absent or empty. @throws ApiError 400
 */
export function bytesHeader(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = fieldOf(headers, name)
  if (value === undefined) return undefined
  if (/^\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value)
  throw new ApiError(400, 'invalid_header', `${name} must be a whole number of bytes.`, name)
}

/** A request that has an upload's lock. */
export interface LockHolder {
  /** Why it was asked to let go, if it was. */
  readonly release: Release | undefined
}

/**
 * Takes an upload's lock for as long as `work` runs. A newcomer's request for it reaches `context`.
 * @param reason what the holder before is told.
 */
export async function locked<T>(
  locks: UploadLocks,
  id: string,
  context: CancellationContext,
  work: (holder: LockHolder) => Promise<T>,
  reason?: Release,
): Promise<T> {
  const lock: Lock = locks.newLock(id, reason)
  const holder: { release: Release | undefined } = { release: undefined }
  await lock.lock(context.signal, (reason: Release = 'newcomer') => {
    holder.release ??= reason
    context.cancel()
  })
  try {
    return await work(holder)
  } finally {
    await lock.unlock()
  }
}

/** What a client is told whose body was cut off: its bytes so far are stored, and it can go on by asking for the offset. */
export function cutOff({ release }: LockHolder): ApiError {
  if (release === 'deletion') return deleted()
  if (release === 'lost') return databaseUnavailable()
  return release === 'stop' ? stopping() : takenOver()
}
