import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { UploadContext } from './upload-context.ts'

/** A request of an upload protocol, after the route has read its head. */
export interface UploadRequest {
  /** The source of the body and the trailers. */
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  /** The method, or the one in X-HTTP-Method-Override. */
  readonly method: string
  /** The headers. Former ids of imported uploads in `Upload-Concat` are replaced by their present ids. */
  readonly headers: IncomingHttpHeaders
  /** The upload's id in the path; undefined if the path has none or if it is not a valid id. */
  readonly id: string | undefined
  readonly context: UploadContext
}
