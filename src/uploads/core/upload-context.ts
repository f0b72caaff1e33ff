/** The client that creates an upload, and its request. */
export interface Uploader {
  /** Id of the HTTP request. The log lines of this upload and its processing contain it. */
  readonly requestId: string
  /** Null when authentication is off. */
  readonly owner: string | null
  /** The upload link that the client uses instead of a key. */
  readonly link?: UploaderLink | undefined
}

export interface UploaderLink {
  readonly id: string
  /** Maximum size of the upload in bytes. */
  readonly maxSize: number
  /** The query of the upload's URL. It contains the link's token. */
  readonly query: string
}

/** The context of a request of an upload protocol. The route creates one for each request. */
export interface UploadContext extends Uploader {
  /** Maximum size of an upload on this server in bytes. */
  readonly maxSize: number
}
