import { Readable } from 'node:stream'
import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import parseRange from 'range-parser'
import { notFound } from '../errors.ts'
import type { ByteRange, Storage } from '../storage/storage.ts'

/** Bytes in storage, and how they are to be shown. */
export interface Media {
  readonly storage: Storage
  /** Never changes its bytes while it exists, so that it makes a strong entity tag. */
  readonly key: string
  readonly contentType: string
  readonly disposition: 'inline' | 'attachment'
  readonly filename: string
  readonly lastModified: Date
}

/** What a browser may show by itself: none of it can run a script. */
const INLINE = /^((video|audio|image)\/(?!svg)[\w.+-]+|text\/vtt|application\/json)$/

/**
 * Answers GET and HEAD with bytes, whole or a single range (RFC 9110 §13, §14). Where several ranges are asked for, the whole is
 * sent, as §14.2 allows.
 * @throws ApiError 404 where the bytes are gone.
 */
export async function sendMedia(
  request: FastifyRequest,
  reply: FastifyReply,
  media: Media,
): Promise<FastifyReply> {
  const size = await media.storage.size(media.key)
  if (size === undefined) throw notFound('The file')
  const etag = `"${media.key.split('/').at(-1)}"`
  const inline = media.disposition === 'inline' && INLINE.test(media.contentType)
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-disposition': contentDisposition(fileName(media.filename), {
      type: inline ? 'inline' : 'attachment',
    }),
    'content-security-policy': "default-src 'none'; sandbox",
    // By a signed link pages of any origin may show it.
    'cross-origin-resource-policy': 'cross-origin',
    'content-type': media.contentType,
    etag,
    'last-modified': media.lastModified.toUTCString(),
    'x-content-type-options': 'nosniff',
  })
  if (isFresh(request, etag, media.lastModified)) return reply.code(304).send()

  const range = rangeOf(request, etag, media.lastModified, size)
  if (range === 'unsatisfiable') {
    return reply
      .code(416)
      .headers({ 'content-range': `bytes */${size}`, 'content-length': 0 })
      .removeHeader('content-disposition')
      .send()
  }
  const { start, end } = range ?? { start: 0, end: size - 1 }
  reply.header('content-length', end - start + 1)
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`)
  // Without any payload Fastify sets the length of an answer to HEAD to 0.
  if (request.method === 'HEAD') return reply.send(Readable.from([]))
  if (size === 0) return reply.send()
  return reply.send(await media.storage.read(media.key, { start, end }))
}

/** RFC 6266 §4.3: recipients should not be led into directories. */
function fileName(name: string): string {
  return name.replace(/[/\\]/g, '_')
}

/** RFC 9110 §13.2.2: If-None-Match decides, where there is one. */
function isFresh({ headers }: FastifyRequest, etag: string, lastModified: Date): boolean {
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    return (
      noneMatch.trim() === '*' || noneMatch.split(',').some(tag => tag.trim().replace(/^W\//, '') === etag)
    )
  }
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return Math.floor(lastModified.getTime() / 1000) * 1000 <= since
}

function rangeOf(
  { headers, method }: FastifyRequest,
  etag: string,
  lastModified: Date,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  // RFC 9110 §14.2: a range is only defined for GET; HEAD is answered alike for the clients that probe with it.
  if (headers.range === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined
  const condition = headers['if-range']
  if (typeof condition === 'string') {
    const unchanged = condition.startsWith('"')
      ? condition === etag
      : Date.parse(condition) === Math.floor(lastModified.getTime() / 1000) * 1000
    if (!unchanged) return undefined
  }
  // A suffix longer than the content is all of it (RFC 9110 §14.1.2); the parser takes it for unsatisfiable.
  const suffix = /^bytes=\s*-(\d+)\s*$/.exec(headers.range)
  if (suffix && size > 0 && Number(suffix[1]) > size) return { start: 0, end: size - 1 }
  const ranges = parseRange(size, headers.range)
  if (ranges === -1) return 'unsatisfiable'
  if (ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined
  return ranges[0]
}
