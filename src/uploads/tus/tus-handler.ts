import EventEmitter from 'node:events'
import type { CancellationContext } from '@tus/utils'
import type { FinalUploads } from '../core/final-uploads.ts'
import type { TerminationDeps } from '../core/termination.ts'
import type { UploadRequest } from '../core/upload-request.ts'
import type { RunOptions } from '../locks/upload-locks.ts'
import type { TusRequest } from './tus-request.ts'

export interface TusDeps extends TerminationDeps {
  readonly finals: FinalUploads
  /** Maximum size of an upload in bytes. */
  readonly maxSize: number
  /** Prefix of every Location; without it, a Location is relative to the origin. */
  readonly publicUrl: string | undefined
}

/** A request waits for the lock until its client disconnects, and ends its body when a newcomer wants the lock. */
export function lockOptions({ signal, abort }: CancellationContext): RunOptions {
  return { signal, onRelease: abort }
}

/** Handles one HTTP method. @tus/server calls `send`. */
export abstract class TusHandler extends EventEmitter {
  protected readonly deps: TusDeps

  constructor(deps: TusDeps) {
    super()
    this.deps = deps
  }

  async send({ upload }: TusRequest, context: CancellationContext, headers: Headers): Promise<Response> {
    // The client has disconnected, or its body was ended.
    upload.raw.once('error', () => context.abort())
    const status = await this.handle(upload, context, headers)
    return new Response(null, { status, headers })
  }

  /** @param headers of the response. @returns its status. @throws ApiError */
  protected abstract handle(
    request: UploadRequest,
    context: CancellationContext,
    headers: Headers,
  ): Promise<number>
}
