import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, notFound } from '../base/errors.ts'
import { sha256Hex } from '../base/hash.ts'
import type { ByteRange, ObjectStorage, Take } from '../objects/object-storage.ts'
import { parseByteRanges } from './byte-ranges.ts'
import { isCompressible } from './compression.ts'
import { isNotModified, isRangeCurrent } from './conditional.ts'
import { type Part, sendParts } from './send-parts.ts'

interface Presentation {
  readonly contentType: string
  readonly disposition: 'inline' | 'attachment'
  readonly filename: string
  readonly lastModified: Date
  /** Whether the URL changes with the bytes, so that caches need not revalidate. */
  readonly isVersioned?: boolean
}

/** Stored bytes and the headers to send with them. */
export interface Media extends Presentation {
  readonly storage: ObjectStorage
  /** The bytes of a key never change, so it serves as a strong entity tag. */
  readonly key: string
  /** SHA-256 of the bytes in hex: the entity tag, if it is known. */
  readonly sha256?: string | null
  /** Whether clients are redirected to the storage. */
  readonly redirects?: boolean
  /** Path under which nginx sends the storage's objects itself (X-Accel-Redirect). */
  readonly accelRedirect?: string | undefined
}

/** A text that is rendered for the response. */
export interface TextMedia extends Presentation {
  readonly text: string
}

interface Content {
  readonly size: number
  readonly etag: string
  /** @returns the storage URL to which the client is redirected. */
  readonly storageUrl?: ((contentType: string, disposition: string) => Promise<string>) | undefined
  /** The path under which nginx finds the file. */
  readonly nginxPath?: string | undefined
  /** As `ObjectStorage.send`. */
  send(range: ByteRange, take: Take): Promise<void>
}

/** For a route's schema: the headers that `sendMedia` evaluates (RFC 9110 §13, §14). */
export const mediaHeaders = {
  type: 'object',
  properties: {
    range: { type: 'string', description: 'One or more byte ranges.', examples: ['bytes=0-1023'] },
    'if-range': {
      type: 'string',
      description:
        'The ETag or Last-Modified of the content that the client has in part. If the content has changed, `Range` is ignored.',
    },
    'if-none-match': { type: 'string', description: 'The response is 304 if the ETag is one of these.' },
    'if-modified-since': {
      type: 'string',
      description: 'The response is 304 if the content has not changed since this time.',
    },
    'if-match': { type: 'string', description: 'The response is 412 if the ETag is none of these.' },
    'if-unmodified-since': {
      type: 'string',
      description: 'The response is 412 if the content has changed since this time.',
    },
  },
} as const

/** Types that a browser may show inline, because none of them can run a script. */
const INLINE =
  /^((video|audio|image)\/(?!svg)[\w.+-]+|text\/(vtt|plain)|application\/(json|x-subrip))(; *charset=utf-8)?$/

/** Types of large files. Other files are not redirected, because scripts read them and the storage may send no CORS headers. */
const REDIRECTED = /^((video|audio)\/|application\/octet-stream$)/
/** Lifetime of a signed storage URL. Browsers may use it for all further ranges while a video plays. */
const STORAGE_URL_S = 4 * 3600

/** Larger texts are sent uncompressed, because compression needs the whole text in memory. */
const MAX_COMPRESSED_BYTES = 4 * 1024 * 1024

/** Conditions that nginx would evaluate again without knowing the entity tag. */
const CONDITIONS_OF_NGINX = ['if-match', 'if-unmodified-since']

/**
 * Responds to GET and HEAD with the whole content or with ranges, under the request's conditions (RFC 9110 §13, §14).
 * @throws ApiError 404 if the file is missing, 412 if a condition is false, 416 if a range is outside the content.
 */
export async function sendMedia(
  request: FastifyRequest,
  reply: FastifyReply,
  media: Media,
): Promise<FastifyReply> {
  const { storage, key, sha256, accelRedirect, redirects } = media
  const size = await storage.size(key)
  if (size === undefined) throw notFound('The file')
  const etag = `"${sha256 ?? key.split('/').at(-1)}"`
  return sendContent(request, reply, media, {
    size,
    etag,
    ...(redirects && {
      storageUrl: async (contentType, disposition) =>
        storage.signedUrl!(key, { seconds: STORAGE_URL_S, contentType, disposition }),
    }),
    nginxPath: accelRedirect && `${accelRedirect}/${key}`,
    send: (range, take) => storage.send(key, range, take),
  })
}

/** Like `sendMedia`, for a text. @throws ApiError 412, 416 */
export async function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  media: TextMedia,
): Promise<FastifyReply> {
  const bytes = Buffer.from(media.text)
  return sendContent(request, reply, media, {
    size: bytes.length,
    etag: `"${sha256Hex(bytes)}"`,
    async send({ start, end }, take) {
      await take(bytes.subarray(start, end + 1))
    },
  })
}

async function sendContent(
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
  { contentType, disposition, filename, lastModified, isVersioned = false }: Presentation,
  content: Content,
): Promise<FastifyReply> {
  const { size, etag } = content
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': isVersioned ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    'content-security-policy': "default-src 'none'; sandbox",
    // With a signed link, pages of any origin may show the file.
    'cross-origin-resource-policy': 'cross-origin',
    etag,
    'last-modified': lastModified.toUTCString(),
    'x-content-type-options': 'nosniff',
  })
  if (isNotModified(headers, { etag, lastModified })) return reply.code(304).send()
  const isInline = disposition === 'inline' && INLINE.test(contentType)
  const shownAs = contentDisposition(fileName(filename), { type: isInline ? 'inline' : 'attachment' })
  // The signature is valid for GET only. The storage evaluates ranges.
  if (content.storageUrl && method === 'GET' && REDIRECTED.test(contentType)) {
    for (const name of ['accept-ranges', 'etag', 'last-modified']) reply.removeHeader(name)
    reply.header('cache-control', 'private, no-store')
    return reply.redirect(await content.storageUrl(contentType, shownAs), 302)
  }

  // RFC 9110 §14.2 defines ranges for GET only. HEAD gets the same response, because some clients probe with it.
  const isCurrent = isRangeCurrent(headers['if-range'] as string | undefined, { etag, lastModified })
  const ranges = headers.range && isCurrent ? parseByteRanges(headers.range, size) : undefined
  if (ranges === 'unsatisfiable') {
    reply.header('content-range', `bytes */${size}`)
    throw new ApiError(
      416,
      'range_not_satisfiable',
      `The content has ${size} bytes; the range starts after its end.`,
    )
  }
  reply.headers({ 'content-disposition': shownAs, 'content-type': contentType })
  if (content.nginxPath && !CONDITIONS_OF_NGINX.some(name => headers[name] !== undefined))
    return reply.removeHeader('accept-ranges').header('x-accel-redirect', content.nginxPath).send()
  if (!ranges && size <= MAX_COMPRESSED_BYTES && isCompressible(contentType))
    return reply.send(await wholeOf(content))
  const parts =
    ranges && ranges.length > 1
      ? severalRanges(reply, contentType, size, ranges)
      : oneRange(reply, size, ranges?.[0])
  // Without a payload, Fastify would set the length of a response to HEAD to 0.
  return method === 'HEAD' ? reply.send(Readable.from([])) : sendParts(reply, parts, content.send)
}

async function wholeOf({ size, send }: Content): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (size > 0)
    await send({ start: 0, end: size - 1 }, async chunk => {
      // Copied, because the buffer of the chunk may be reused afterwards.
      chunks.push(Buffer.from(chunk))
      return true
    })
  return Buffer.concat(chunks)
}

function oneRange(reply: FastifyReply, size: number, range: ByteRange | undefined): Part[] {
  const { start, end } = range ?? { start: 0, end: size - 1 }
  reply.header('content-length', end - start + 1)
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`)
  return size === 0 ? [] : [{ start, end }]
}

/** RFC 9110 §14.6: each range is a part with its own headers. */
function severalRanges(
  reply: FastifyReply,
  contentType: string,
  size: number,
  ranges: readonly ByteRange[],
): Part[] {
  const boundary = randomUUID()
  const parts: Part[] = ranges.flatMap(range => [
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: bytes ${range.start}-${range.end}/${size}\r\n\r\n`,
    ),
    range,
  ])
  parts.push(Buffer.from(`\r\n--${boundary}--\r\n`))
  const length = parts.reduce(
    (sum, part) => sum + (Buffer.isBuffer(part) ? part.length : part.end - part.start + 1),
    0,
  )
  reply
    .code(206)
    .headers({ 'content-type': `multipart/byteranges; boundary=${boundary}`, 'content-length': length })
  return parts
}

/** Characters that change the direction of text. They could disguise the extension of a file name. */
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const MAX_NAME_LENGTH = 200

/** A name without directories (RFC 6266 §4.3), and of limited length. */
function fileName(name: string): string {
  const characters = [
    ...name
      .toWellFormed()
      .replace(DIRECTION, '')
      .replace(/[/\\\p{Cc}]/gu, '_'),
  ]
  if (characters.length <= MAX_NAME_LENGTH) return characters.join('')
  const extension = /\.\w{1,5}$/.exec(name)?.[0] ?? ''
  return characters.slice(0, MAX_NAME_LENGTH).join('') + extension
}
