import { say } from '../locale/say.ts'
import { address } from '../router.ts'
import type { components } from './api-types.d.ts'
import { isUnreachable } from './connection.ts'
import { waitForSignIn } from './session.ts'

/** Delays before each repetition of a GET request, if the server is unreachable or busy. */
const DELAYS_MS = [300, 1000, 3000]
/** A longer `Retry-After` is shortened to this. */
const MAX_WAIT_MS = 10_000

/** A failed request: the server sent a problem (RFC 9457), or did not respond. */
export class Problem extends Error {
  /** 0 if the server could not be reached. */
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, detail: string, cause?: unknown) {
    super(detail, { cause })
    this.status = status
    this.code = code
  }
}

/**
 * Sends a request with the credential. If the server requires a sign-in, waits for it and repeats the request. Also repeats a GET request if
 * the server is unreachable or busy for a moment.
 * @param link relative to the page's root, or a link from the server
 * @throws Problem with a message to show; AbortError
 */
export async function request(link: string, init: RequestInit = {}): Promise<Response> {
  const waitsMs = (init.method ?? 'GET') === 'GET' ? [...DELAYS_MS] : []
  for (;;) {
    let response: Response | undefined
    let problem: Problem
    try {
      response = await fetch(address(link), init)
      if (response.ok || response.status === 304) return response
      if (response.status === 401) {
        await waitForSignIn()
        continue
      }
      problem = await problemOf(response)
    } catch (error) {
      if (init.signal?.aborted) throw error
      problem = new Problem(
        0,
        'unreachable',
        say('The server cannot be reached. Check your connection.'),
        error,
      )
    }
    const waitMs = isUnreachable(problem.status) || problem.status === 429 ? waitsMs.shift() : undefined
    if (waitMs === undefined || !navigator.onLine) throw problem
    const retryAfterMs = Number(response?.headers.get('Retry-After') ?? 0) * 1000
    await new Promise(resolve =>
      setTimeout(resolve, Math.min(Math.max(waitMs, retryAfterMs || 0), MAX_WAIT_MS)),
    )
    init.signal?.throwIfAborted()
  }
}

/** Sends and receives JSON. @throws Problem */
export async function requestJson<T>(
  link: string,
  { json, ...init }: RequestInit & { json?: unknown } = {},
): Promise<T> {
  const headers = new Headers(init.headers)
  if (json !== undefined) headers.set('Content-Type', 'application/json')
  const response = await request(link, {
    ...init,
    headers,
    ...(json !== undefined && { body: JSON.stringify(json) }),
  })
  return response.json()
}

/** The message to show for a problem (RFC 9457). */
export function reasonFor(body: Partial<components['schemas']['Problem']> | undefined): string | undefined {
  return body?.code === 'insufficient_scope' ? say('Your key or token does not allow this.') : body?.detail
}

async function problemOf(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => undefined)
  const detail =
    reasonFor(body) ??
    say('The server reported an error ({status}). Try again in a moment.', { status: response.status })
  return new Problem(response.status, body?.code ?? 'unknown', detail)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
