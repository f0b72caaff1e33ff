import { address } from '../router.ts'
import type { components } from './api-types.d.ts'
import { isAway } from './connection.ts'
import { authHeaders, waitForSignIn } from './session.ts'

/** How long to wait before a request that reads is sent again because the server was away or busy. */
const REPEATS_MS = [300, 1000, 3000]
/** The longest `Retry-After` that the page waits for. */
const MAX_WAIT_MS = 10_000

/** A failed request: the server answered with a problem (RFC 9457), or did not answer. */
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
 * Sends a request with the credential. If the server requires a sign-in, the request is repeated after it. A request that reads is also
 * repeated if the server is away or busy for a moment.
 * @param link relative to the page's root, or a link from the server
 * @throws Problem with a message for people; AbortError
 */
export async function request(link: string, init: RequestInit = {}): Promise<Response> {
  const waitsMs = (init.method ?? 'GET') === 'GET' ? [...REPEATS_MS] : []
  for (;;) {
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(authHeaders())) headers.set(name, value)
    let answer: Response | undefined
    let problem: Problem
    try {
      answer = await fetch(address(link), { ...init, headers })
      if (answer.ok || answer.status === 304) return answer
      if (answer.status === 401) {
        await waitForSignIn()
        continue
      }
      problem = await problemOf(answer)
    } catch (error) {
      if (init.signal?.aborted) throw error
      problem = new Problem(0, 'unreachable', 'The server cannot be reached. Check your connection.', error)
    }
    const waitMs = isAway(problem.status) || problem.status === 429 ? waitsMs.shift() : undefined
    if (waitMs === undefined || !navigator.onLine) throw problem
    const askedMs = Number(answer?.headers.get('Retry-After') ?? 0) * 1000
    await new Promise(resolve => setTimeout(resolve, Math.min(Math.max(waitMs, askedMs || 0), MAX_WAIT_MS)))
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
  const answer = await request(link, {
    ...init,
    headers,
    ...(json !== undefined && { body: JSON.stringify(json) }),
  })
  return answer.json()
}

/** Whether the server accepts a key or token. Its permissions are not checked. */
export async function checkToken(token: string): Promise<'good' | 'refused' | 'unreachable'> {
  // A header can hold no other characters (RFC 6750 §2.1).
  if (!/^[\x21-\x7e]+$/.test(token)) return 'refused'
  try {
    const { status } = await fetch(address('videos?limit=1'), {
      headers: { Authorization: `Bearer ${token}` },
    })
    return status === 401 ? 'refused' : status >= 500 ? 'unreachable' : 'good'
  } catch {
    return 'unreachable'
  }
}

/** The message of a problem (RFC 9457), for people. */
export function reasonFor(body: Partial<components['schemas']['Problem']> | undefined): string | undefined {
  return body?.code === 'insufficient_scope'
    ? 'The key that you signed in with does not allow this.'
    : body?.detail
}

async function problemOf(answer: Response): Promise<Problem> {
  const body = await answer.json().catch(() => undefined)
  const detail = reasonFor(body) ?? `The server answered ${answer.status}. Try again in a moment.`
  return new Problem(answer.status, body?.code ?? 'unknown', detail)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
