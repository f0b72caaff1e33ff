import { pipeline, type Transform } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CODINGS, type Coding, codedTag, readCodedTags, tagAsSent } from './coded-tags.ts'
import { varyBy } from './cors.ts'
import { preferredCoding, refusesIdentity } from './negotiation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The response contains a secret next to input of the request. If it were compressed, its length would reveal the secret (BREACH). */
    hasSecret?: boolean
  }
}

/** Smaller content fits into one packet. Compression would save no more than its headers need. */
const SMALLEST_BYTES = 1024
const COMPRESSIBLE =
  /^(text\/(?!event-stream)|image\/svg\+xml|application\/([\w.-]+\+)?(json|javascript|yaml|x-yaml|x-subrip))\b/i

/** Higher quality levels take several times as long and save only a few percent more. */
const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
}
const compress = promisify(brotliCompress)
const zip = promisify(gzip)
/** These functions run in other threads, so a large transcript does not delay other requests. */
const WHOLE: Readonly<Record<Coding, (content: Buffer) => Promise<Buffer>>> = {
  br: content => compress(content, BROTLI),
  gzip: content => zip(content),
}
const STREAMED: Readonly<Record<Coding, () => Transform>> = {
  br: () => createBrotliCompress(BROTLI),
  gzip: () => createGzip(),
}

/**
 * Compresses text with the client's preferred coding. Media, ranges and event streams are not compressed.
 *
 * @fastify/compress (9.2) is not used: it keeps the strong entity tag of the uncoded content, uses Brotli for `br;q=0, *`, and sends `Vary`
 * only with compressed responses.
 */
export function compressResponses(app: FastifyInstance): void {
  app.addHook('onRequest', async request => readCodedTags(request))
  app.addHook('onSend', async (request, reply, payload) => {
    const etag = reply.getHeader('etag') as string | undefined
    if (reply.statusCode === 304) {
      varyBy(reply, 'Accept-Encoding')
      if (etag !== undefined) reply.header('etag', tagAsSent(request, etag))
      return payload
    }
    if (!isCompressible(String(reply.getHeader('content-type') ?? ''))) return payload
    varyBy(reply, 'Accept-Encoding')
    const coding = codingFor(request, reply, payload)
    if (!coding) return payload
    reply.header('content-encoding', coding).removeHeader('content-length').removeHeader('accept-ranges')
    if (etag !== undefined) reply.header('etag', codedTag(etag, coding))
    return isStream(payload)
      ? compressed(request, payload, coding)
      : WHOLE[coding](Buffer.from(payload as string))
  })
}

/** Whether content of this media type is text. Audio, video and image formats are already compressed. */
export function isCompressible(contentType: string): boolean {
  return COMPRESSIBLE.test(contentType)
}

function codingFor(request: FastifyRequest, reply: FastifyReply, payload: unknown): Coding | undefined {
  const isBody = isStream(payload) || typeof payload === 'string' || Buffer.isBuffer(payload)
  const isPart = reply.statusCode === 206 || reply.hasHeader('content-range')
  if (!isBody || isPart || reply.hasHeader('content-encoding') || request.routeOptions.config?.hasSecret)
    return undefined
  const accepted = request.headers['accept-encoding'] as string | undefined
  const isSmall = !isStream(payload) && Buffer.byteLength(payload as string) < SMALLEST_BYTES
  return isSmall && !refusesIdentity(accepted) ? undefined : preferredCoding(accepted, CODINGS)
}

function isStream(payload: unknown): payload is NodeJS.ReadableStream {
  return typeof (payload as { pipe?: unknown } | null | undefined)?.pipe === 'function'
}

/** A response to HEAD has no content to compress, only the headers of GET. */
function compressed(
  { method }: FastifyRequest,
  content: NodeJS.ReadableStream,
  coding: Coding,
): NodeJS.ReadableStream {
  if (method === 'HEAD') return content
  // An error closes both streams and the connection, so that the client notices the incomplete content.
  return pipeline(content, STREAMED[coding](), () => {})
}
