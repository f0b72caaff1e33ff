/** The client that creates an upload, and the request that it does so with. */
export interface Uploader {
  /** Id of the HTTP request. The log lines of everything that follows from it carry it. */
  readonly requestId: string
  /** Null when authentication is off. */
  readonly owner: string | null
  /** The link that the client uses in place of a key. */
  readonly link?: UploaderLink | undefined
}

export interface UploaderLink {
  readonly id: string
  /** Bytes that the upload may have. */
  readonly maxSize: number
  /** The query of the upload's URL, which carries the link. */
  readonly query: string
}

/** What an upload protocol knows about the request that it serves. The route makes one for each request. */
export interface UploadContext extends Uploader {
  /** Bytes that an upload may have on this server. */
  readonly maxSize: number
}
