import type { IncomingMessage, ServerResponse } from 'node:http'
import { INTEROP_HEADER } from './interop.ts'

const ALLOWED = [
  'Authorization',
  'Content-Type',
  'Content-Disposition',
  'Content-Digest',
  'Repr-Digest',
  'Want-Repr-Digest',
  'Upload-Complete',
  'Upload-Incomplete',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  INTEROP_HEADER,
  'X-HTTP-Method-Override',
  'X-Requested-With',
].join(', ')

const EXPOSED = [
  'Content-Location',
  'Location',
  'Repr-Digest',
  'Retry-After',
  'Upload-Complete',
  'Upload-Incomplete',
  'Upload-Length',
  'Upload-Limit',
  'Upload-Offset',
  INTEROP_HEADER,
  'X-Request-Id',
].join(', ')

/** A day, in seconds; browsers keep a preflight for two hours at most. */
const MAX_AGE = '86400'

/** Lets a page of an allowed origin send the draft's headers and read them (Fetch, CORS protocol). */
export function allowPage(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  isAllowedOrigin: (origin: string) => boolean,
): void {
  const { origin } = headers
  if (origin === undefined || !isAllowedOrigin(origin)) return
  response.setHeader('Access-Control-Allow-Origin', origin)
  response.setHeader('Access-Control-Expose-Headers', EXPOSED)
  if (method !== 'OPTIONS') return
  response.setHeader('Access-Control-Allow-Methods', 'POST, HEAD, GET, PATCH, DELETE, OPTIONS')
  response.setHeader('Access-Control-Allow-Headers', ALLOWED)
  response.setHeader('Access-Control-Max-Age', MAX_AGE)
}
