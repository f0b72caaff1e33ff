import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, notFound } from '../base/errors.ts'
import type { ByteRange, ObjectStorage, Take } from '../objects/object-storage.ts'
import { parseByteRanges } from './byte-ranges.ts'
import { isCompressible } from './compression.ts'
import { isNotModified, isRangeCurrent } from './conditional.ts'
import { type Part, sendParts } from './send-parts.ts'

interface Shown {
  readonly contentType: string
  readonly disposition: 'inline' | 'attachment'
  readonly filename: string
  readonly lastModified: Date
  /** Whether the address names these very bytes, so that caches need not ask again. */
  readonly isVersioned?: boolean
}

/** Bytes in storage, and how they are to be shown. */
export interface Media extends Shown {
  readonly storage: ObjectStorage
  /** Never changes its bytes while it exists, so that it makes a strong entity tag. */
  readonly key: string
  /** Of the bytes, in hex: the entity tag where it is known. */
  readonly sha256?: string | null
  /** Whether clients are redirected to the storage. */
  readonly redirects?: boolean
  /** Path below which nginx has the storage's objects, to send them itself (X-Accel-Redirect). */
  readonly accelRedirect?: string | undefined
}

/** A text that is made for the answer. */
export interface TextMedia extends Shown {
  readonly text: string
}

interface Content {
  readonly size: number
  readonly etag: string
  /** @returns the address of the storage to which the client is redirected. */
  readonly addressOf?: ((contentType: string, disposition: string) => Promise<string>) | undefined
  /** Where nginx has it. */
  readonly elsewhere?: string | undefined
  /** As `ObjectStorage.send`. */
  send(range: ByteRange, take: Take): Promise<void>
}

/** For a route's schema: what `sendMedia` heeds (RFC 9110 §13, §14). */
export const mediaHeaders = {
  type: 'object',
  properties: {
    range: { type: 'string', description: 'One range or several.', examples: ['bytes=0-1023'] },
    'if-range': { type: 'string', description: 'The ETag or Last-Modified of what the client has part of.' },
    'if-none-match': { type: 'string' },
    'if-modified-since': { type: 'string' },
    'if-match': { type: 'string' },
    'if-unmodified-since': { type: 'string' },
  },
} as const

/** What a browser may show by itself: none of it can run a script. */
const INLINE =
  /^((video|audio|image)\/(?!svg)[\w.+-]+|text\/(vtt|plain)|application\/(json|x-subrip))(; *charset=utf-8)?$/

/** Large files. Scripts read the others, which would need permission of the storage (CORS). */
const REDIRECTED = /^((video|audio)\/|application\/octet-stream$)/
/** How long the storage's address works: browsers may use it for all further ranges while a film plays. */
const ADDRESS_S = 4 * 3600

/** A text of more bytes is sent as it is: to compress it, all of it has to be in memory. */
const MAX_COMPRESSED_BYTES = 4 * 1024 * 1024

/** What nginx would evaluate again, by an entity tag that is not there yet at that point. */
const CONDITIONS_OF_NGINX = ['if-match', 'if-unmodified-since']

/**
 * Answers GET and HEAD alike with bytes: whole, a range or several, under the request's conditions (RFC 9110 §13, §14).
 * @throws ApiError 404 where the bytes are gone, 412 and 416 as the request's conditions and ranges want it.
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
      addressOf: async (contentType, disposition) =>
        storage.signedUrl!(key, { seconds: ADDRESS_S, contentType, disposition }),
    }),
    elsewhere: accelRedirect && `${accelRedirect}/${key}`,
    send: (range, take) => storage.send(key, range, take),
  })
}

/** The same for a text. @throws ApiError 412, 416 */
export async function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  media: TextMedia,
): Promise<FastifyReply> {
  const bytes = Buffer.from(media.text)
  return sendContent(request, reply, media, {
    size: bytes.length,
    etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    async send({ start, end }, take) {
      await take(bytes.subarray(start, end + 1))
    },
  })
}

async function sendContent(
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
  { contentType, disposition, filename, lastModified, isVersioned = false }: Shown,
  content: Content,
): Promise<FastifyReply> {
  const { size, etag } = content
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': isVersioned ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    'content-security-policy': "default-src 'none'; sandbox",
    // By a signed link pages of any origin may show it.
    'cross-origin-resource-policy': 'cross-origin',
    etag,
    'last-modified': lastModified.toUTCString(),
    'x-content-type-options': 'nosniff',
  })
  if (isNotModified(headers, { etag, lastModified })) return reply.code(304).send()
  const isInline = disposition === 'inline' && INLINE.test(contentType)
  const shownAs = contentDisposition(fileName(filename), { type: isInline ? 'inline' : 'attachment' })
  // The signature is for GET only. The storage evaluates ranges.
  if (content.addressOf && method === 'GET' && REDIRECTED.test(contentType)) {
    for (const name of ['accept-ranges', 'etag', 'last-modified']) reply.removeHeader(name)
    reply.header('cache-control', 'private, no-store')
    return reply.redirect(await content.addressOf(contentType, shownAs), 302)
  }

  // RFC 9110 §14.2 defines ranges for GET; HEAD is answered alike, for the clients that probe with it.
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
  if (content.elsewhere && !CONDITIONS_OF_NGINX.some(name => headers[name] !== undefined))
    return reply.removeHeader('accept-ranges').header('x-accel-redirect', content.elsewhere).send()
  if (!ranges && size <= MAX_COMPRESSED_BYTES && isCompressible(contentType))
    return reply.send(await wholeOf(content))
  const parts =
    ranges && ranges.length > 1
      ? severalRanges(reply, contentType, size, ranges)
      : oneRange(reply, size, ranges?.[0])
  // Without any payload Fastify sets the length of an answer to HEAD to 0.
  return method === 'HEAD' ? reply.send(Readable.from([])) : sendParts(reply, parts, content.send)
}

async function wholeOf({ size, send }: Content): Promise<Buffer> {
  const pieces: Buffer[] = []
  if (size > 0)
    await send({ start: 0, end: size - 1 }, async piece => {
      // The chunk is copied: its buffer may be overwritten afterwards.
      pieces.push(Buffer.from(piece))
      return true
    })
  return Buffer.concat(pieces)
}

function oneRange(reply: FastifyReply, size: number, range: ByteRange | undefined): Part[] {
  const { start, end } = range ?? { start: 0, end: size - 1 }
  reply.header('content-length', end - start + 1)
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`)
  return size === 0 ? [] : [{ start, end }]
}

/** RFC 9110 §14.6: each range as a part with headers of its own. */
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

/** Characters that turn the direction of text: a name may not seem to end in what it does not end in. */
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const MAX_NAME_LENGTH = 200

/** RFC 6266 §4.3: recipients should not be led into directories. */
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
