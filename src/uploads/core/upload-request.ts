import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { UploadContext } from './upload-context.ts'

/** A request of an upload protocol, as the route has read it. */
export interface UploadRequest {
  /** For its body and its trailers. */
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  /** The method after X-HTTP-Method-Override. */
  readonly method: string
  /** The headers, in which `Upload-Concat` names uploads by the ids that they have here. */
  readonly headers: IncomingHttpHeaders
  /** The upload that the path names; undefined if it names none, or none that could exist. */
  readonly id: string | undefined
  readonly context: UploadContext
}
