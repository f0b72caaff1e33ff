import type { FastifyReply, FastifyRequest } from 'fastify'
import { LocalShareCounts, type ShareCounts } from '../../access/share-counts.ts'
import { ApiError } from '../../base/errors.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'

const RETRY_S = 5

interface Share {
  /** Unique. */
  readonly name: string
  /** Maximum number of concurrent uses per owner. */
  readonly most: number
  readonly code: ProblemCode
  readonly detail: string
}

/** Resources that one owner could exhaust with concurrent requests. Rows and bytes have quotas; owners take turns with long texts and steps. */
export const SHARES = {
  /** Each open request has a socket, and most have an open file and buffers. */
  requests: {
    name: 'requests',
    most: 500,
    code: 'too_many_at_once',
    detail: 'Too many requests are open. Wait until some of them end.',
  },
  /** Each stream queries the database after every change. */
  streams: {
    name: 'streams',
    most: 200,
    code: 'too_many_streams',
    detail: 'Too many event streams are open. Close some of them.',
  },
  /** Each search keeps the database busy. */
  searches: {
    name: 'searches',
    most: 16,
    code: 'too_many_at_once',
    detail: 'Too many searches are running. Wait until some of them end.',
  },
  /** A JSON body needs several times its size in memory while it is parsed. */
  largeBodies: {
    name: 'largeBodies',
    most: 16,
    code: 'too_many_at_once',
    detail: 'Too many large bodies are being received. Send them one after the other.',
  },
  /** A chunk of the old recorder can occupy a temporary file until the field that names its recording arrives. */
  oldChunks: {
    name: 'oldChunks',
    most: 64,
    code: 'too_many_at_once',
    detail: 'Too many chunks are being received. Send them one after the other.',
  },
} satisfies Record<string, Share>

/**
 * Limits the concurrent requests of one owner that use a resource. Requests without an owner (no sign-in, signed links) are counted by client
 * address.
 */
export class Shares {
  readonly #share: Share
  readonly #counts: ShareCounts

  /** @param counts omitted for a resource of this process only, such as its memory. */
  constructor(share: Share, counts: ShareCounts = new LocalShareCounts()) {
    this.#share = share
    this.#counts = counts
  }

  /** Counts a request until its response is closed. @throws ApiError of this status if there are too many. */
  async take({ access, ip }: FastifyRequest, reply: FastifyReply, status: 429 | 503 = 429): Promise<void> {
    const { name, most, code, detail } = this.#share
    const holder = access.owner === null ? `address ${ip}` : `owner ${access.owner}`
    const release = await this.#counts.take(`${name} ${holder}`, most)
    if (!release) {
      reply.header('retry-after', RETRY_S)
      throw new ApiError(status, code, detail)
    }
    if (reply.raw.destroyed) return release()
    reply.raw.once('close', release)
  }
}
