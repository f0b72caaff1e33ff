import { address } from '../router.ts'
import { authHeaders, waitForSignIn } from './session.ts'

/** An answer that is no success (RFC 9457), or none at all. */
export class Problem extends Error {
  /** 0 where the server could not be reached. */
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, detail: string, cause?: unknown) {
    super(detail, { cause })
    this.status = status
    this.code = code
  }
}

/**
 * The one way to the server: says who asks, and asks the person to sign in where the server wants to know.
 * @param link relative to the page's root, or a link as the server gave it.
 * @throws Problem with words for people; AbortError.
 */
export async function request(link: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(authHeaders())) headers.set(name, value)
    let answer: Response
    try {
      answer = await fetch(address(link), { ...init, headers })
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw new Problem(0, 'unreachable', 'The server cannot be reached. Check your connection.', error)
    }
    if (answer.status === 401) {
      await waitForSignIn()
      continue
    }
    if (!answer.ok && answer.status !== 304) throw await problemOf(answer)
    return answer
  }
}

/** Sends and takes JSON. @throws Problem */
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

/** Whether the server knows a key or token. What that may do is another question. */
export async function checkToken(token: string): Promise<'good' | 'refused' | 'unreachable'> {
  // Nothing else can stand in a header (RFC 6750 §2.1).
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

/** What the server says of a problem (RFC 9457), in words for people. */
export function reasonFor(body: { code?: string; detail?: string } | undefined): string | undefined {
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
