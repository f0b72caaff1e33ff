import { pipeline, type Transform } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CODINGS, type Coding, codedTag, readCodedTags, tagAsSent } from './coded-tags.ts'
import { varyBy } from './cors.ts'
import { preferredCoding, refusesIdentity } from './negotiation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer holds a secret beside input of the request: compressed, its length would tell of the secret (BREACH). */
    hasSecret?: boolean
  }
}

/** Bytes below which the headers of a coding cost about what it saves: the content fits into one packet. */
const SMALLEST_BYTES = 1024
const COMPRESSIBLE =
  /^(text\/(?!event-stream)|image\/svg\+xml|application\/([\w.-]+\+)?(json|javascript|yaml|x-yaml|x-subrip))\b/i

/** Higher levels of Brotli take several times as long for a few percent. */
const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
}
const compress = promisify(brotliCompress)
const zip = promisify(gzip)
/** In threads of their own: a large transcript does not hold up other requests. */
const WHOLE: Readonly<Record<Coding, (content: Buffer) => Promise<Buffer>>> = {
  br: content => compress(content, BROTLI),
  gzip: content => zip(content),
}
const STREAMED: Readonly<Record<Coding, () => Transform>> = {
  br: () => createBrotliCompress(BROTLI),
  gzip: () => createGzip(),
}

/**
 * Compresses what is text, in the coding that the client wants most. Media, ranges and event streams pass as they are.
 *
 * Not by @fastify/compress (9.2): it leaves the strong entity tag as it was, takes `*` for what `br;q=0` refuses, and says `Vary`
 * only if it compresses.
 */
export function compressAnswers(app: FastifyInstance): void {
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

/** Whether content of a media type is text; what is compressed by its own format is not. */
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

/** HEAD has the headers of GET, and no content that would have to be compressed. */
function compressed(
  { method }: FastifyRequest,
  content: NodeJS.ReadableStream,
  coding: Coding,
): NodeJS.ReadableStream {
  if (method === 'HEAD') return content
  // An error ends both, and with them the connection: the content is then seen to be cut off.
  return pipeline(content, STREAMED[coding](), () => {})
}
