import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../base/errors.ts'
import type { LoopOptions } from '../base/loop.ts'
import type { Identify } from './credentials.ts'
import { OnDemandLoop } from './on-demand-loop.ts'
import { sessionCookieOf } from './session-cookie.ts'

/** Time between two checks of the credentials of open requests. */
const INTERVAL_MS = 3000

interface Open {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/**
 * Ends open requests when their credential expires or is revoked. Otherwise event streams, downloads and uploads would continue. All requests
 * with the same credential share one check. While the database or the issuer of tokens is unavailable, open requests continue.
 * Not covered: files that nginx sends (`ACCEL_REDIRECT`).
 */
export class CredentialWatch {
  readonly #identify: Identify
  readonly #open = new Map<string, Set<Open>>()
  readonly #checks = new Map<string, Promise<ApiError | undefined>>()
  readonly #loop: OnDemandLoop

  constructor(identify: Identify, log: LoopOptions['log']) {
    this.#identify = identify
    this.#loop = new OnDemandLoop(
      () => this.#checkAll(),
      () => this.#open.size > 0,
      { intervalMs: INTERVAL_MS, log, failed: 'checking the credentials of open requests failed' },
    )
  }

  /** Watches a request until its response is closed. */
  watch(request: FastifyRequest, reply: FastifyReply): void {
    const key = credentialOf(request)
    if (key === undefined || reply.raw.destroyed) return
    const open: Open = { request, reply }
    const all = this.#open.get(key) ?? new Set()
    this.#open.set(key, all.add(open))
    reply.raw.once('close', () => {
      all.delete(open)
      if (all.size === 0 && this.#open.get(key) === all) this.#open.delete(key)
    })
    this.#loop.start()
  }

  /** @returns the reason if the credential of a request is no longer valid; undefined if it is valid or cannot be checked now. */
  check(request: FastifyRequest): Promise<ApiError | undefined> {
    const key = credentialOf(request)
    if (key === undefined) return Promise.resolve(undefined)
    const running = this.#checks.get(key)
    if (running) return running
    const check = this.#verify(request)
    this.#checks.set(key, check)
    // Streams of one video check at the same moment and share the result. A later check must not use it.
    setImmediate(() => this.#checks.delete(key))
    return check
  }

  close(): void {
    this.#loop.close()
    this.#open.clear()
  }

  async #verify(request: FastifyRequest): Promise<ApiError | undefined> {
    const { endsAt } = request.access
    // This needs no request to the issuer.
    if (endsAt !== undefined && endsAt <= Date.now())
      return new ApiError(401, 'invalid_token', 'The token has expired.')
    try {
      const identity = await this.#identify(request)
      return identity ? undefined : new ApiError(401, 'unauthenticated', 'The session has ended.')
    } catch (error) {
      const isOver = error instanceof ApiError && (error.status === 401 || error.status === 403)
      return isOver ? error : undefined
    }
  }

  async #checkAll(): Promise<void> {
    for (const all of [...this.#open.values()]) {
      const [first] = all
      const over = first && (await this.check(first.request))
      if (over) for (const open of [...all]) end(open, over)
    }
  }
}

/** A key that identifies the request's credential; undefined if the request has none. A link is valid for one path only. */
function credentialOf(request: FastifyRequest): string | undefined {
  const { headers, query, routeOptions, params } = request
  if (headers.authorization !== undefined) return `authorization ${headers.authorization}`
  const { signature, link, share } = query as Record<string, unknown>
  if (signature === undefined && link === undefined && share === undefined) {
    const cookie = sessionCookieOf(request)
    return cookie && `session ${cookie}`
  }
  return JSON.stringify([routeOptions.url, params, query])
}

/**
 * Ends a request. An incomplete body is handled as if the client had disconnected, and the client gets the error. A complete request whose
 * response has not begun ends soon anyway.
 */
function end({ request, reply }: Open, error: ApiError): void {
  const { raw } = request
  if (request.endStream) request.endStream()
  else if (reply.raw.headersSent) reply.raw.destroy()
  else if (!raw.complete && raw.listenerCount('error') > 0) raw.emit('error', error)
}
