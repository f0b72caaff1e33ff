import EventEmitter from 'node:events'
import type { CancellationContext } from '@tus/utils'
import type { FinalUploads } from '../core/final-uploads.ts'
import type { TerminationParts } from '../core/termination.ts'
import type { TusRequest } from './tus-request.ts'

export interface TusParts extends TerminationParts {
  readonly finals: FinalUploads
  /** Bytes. */
  readonly maxSize: number
  /** What a Location begins with; without one it is relative to the origin. */
  readonly publicUrl: string | undefined
  /** Id of the HTTP request that a tus request came in, for the log. */
  readonly requestIdOf: (headers: Headers) => string
}

/** A handler of one method, in the form that @tus/server calls. */
export abstract class TusHandler extends EventEmitter {
  protected readonly parts: TusParts

  constructor(parts: TusParts) {
    super()
    this.parts = parts
  }

  /** @throws ApiError, or one of tus' ERRORS, which @tus/server turns into an answer. */
  abstract send(request: TusRequest, context: CancellationContext, headers: Headers): Promise<Response>
}
