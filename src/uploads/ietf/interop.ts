import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isMediaType, listElements } from '../../base/header-fields.ts'

/**
 * The differences between interop versions of draft-ietf-httpbis-resumable-upload. Version 3 is revision 01, 4 is 02, 5 is 03, 6 is 04 and
 * 05, 7 is 06 to 08, and 8 is 09 and later.
 */
export interface Interop {
  readonly version: number
  /** `Upload-Incomplete` has the opposite meaning. */
  readonly completeness: 'Upload-Complete' | 'Upload-Incomplete'
  /** An append without the header completes the upload. */
  readonly silenceCompletes: boolean
  /** Appended bytes must have the type `application/partial-upload`. */
  readonly mediaType: boolean
  /** HEAD and DELETE "MUST reject the request with a Upload-Offset or Upload-Complete header field". */
  readonly bareQueries: boolean
  /** 104 also reports the progress. */
  readonly progress: boolean
  /** The name of the remaining time in `Upload-Limit`. Older versions have no limits. */
  readonly lifetime: 'expires' | 'max-age' | undefined
  /** The status after bytes that do not complete the upload. */
  readonly appended: 201 | 204
}

const V3: Interop = {
  version: 3,
  completeness: 'Upload-Incomplete',
  silenceCompletes: true,
  mediaType: false,
  bareQueries: true,
  progress: false,
  lifetime: undefined,
  appended: 201,
}
const V4: Interop = { ...V3, version: 4, completeness: 'Upload-Complete' }
const V5: Interop = { ...V4, version: 5, progress: true }
const V6: Interop = { ...V5, version: 6, silenceCompletes: false, mediaType: true, lifetime: 'expires' }
const V7: Interop = { ...V6, version: 7, bareQueries: false, lifetime: 'max-age', appended: 204 }
const V8: Interop = { ...V7, version: 8 }

const VERSIONS: ReadonlyMap<string, Interop> = new Map(
  [V3, V4, V5, V6, V7, V8].map(interop => [String(interop.version), interop]),
)

export const INTEROP_HEADER = 'Upload-Draft-Interop-Version'

export const PARTIAL_UPLOAD = 'application/partial-upload'

/** The parts of a request that identify its protocol. */
export interface RequestHead {
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

/** Headers of the IETF protocol. A preflight names them in Access-Control-Request-Headers. */
const IETF_HEADERS = ['upload-draft-interop-version', 'upload-complete', 'upload-incomplete']

/** Whether a request uses the IETF protocol and not tus. */
export function isIetfRequest({ method, headers }: RequestHead): boolean {
  if (IETF_HEADERS.some(name => headers[name] !== undefined)) return true
  if (isMediaType(headers['content-type'], PARTIAL_UPLOAD)) return true
  if (method !== 'OPTIONS') return false
  const announced = listElements(headers['access-control-request-headers'])
  return announced.some(name => IETF_HEADERS.includes(name.toLowerCase()))
}

/** The interop version of a request; the newest if it names no known version. */
export function interopOf({ headers }: Pick<RequestHead, 'headers'>): Interop {
  const named = namedVersion(headers['upload-draft-interop-version'])
  if (named) return named
  return headers['upload-incomplete'] !== undefined && headers['upload-complete'] === undefined ? V3 : V8
}

/**
 * "Server implementations of draft versions of the protocol MUST NOT send a 104 (Upload Resumption Supported) informational response
 * when the interop version [...] in the request is missing or mismatching."
 */
export function mayBeInformed({ headers, httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  // RFC 9110 §15.2: "a server MUST NOT send a 1xx response to an HTTP/1.0 client".
  if (httpVersionMajor === 1 && httpVersionMinor === 0) return false
  return namedVersion(headers['upload-draft-interop-version']) !== undefined
}

function namedVersion(value: string | string[] | undefined): Interop | undefined {
  return typeof value === 'string' ? VERSIONS.get(value.trim()) : undefined
}
