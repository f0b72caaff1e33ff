import { Agent, errors, request } from 'undici'
import { isPublic, literalOf, lookupPublic, PrivateAddressError } from '../net/public-address.ts'
import { retryAfterOf } from '../net/retry-after.ts'
import { type SignedMessage, sign } from './signature.ts'

/** Time limit for one attempt, from the connection to the end of the response. */
const TIMEOUT_MS = 15_000
/** Bytes of the response body that are read and saved. */
const KEPT_BYTES = 1024
/** Limit for the receiver's Retry-After. */
const MAX_RETRY_AFTER_S = 36_000

export interface PostOptions {
  readonly secrets: readonly string[]
  /** Whether requests to this machine and to private networks are allowed. */
  readonly allowPrivate: boolean
  readonly signal: AbortSignal
}

export interface ReceivedResponse {
  readonly status: number
  /** The beginning of the response body. */
  readonly body: string
  /** From `Retry-After`, in seconds. */
  readonly retryAfterS: number | undefined
}

/**
 * Sends a signed message and reads the beginning of the response. Does not follow redirects, because their target is not checked.
 * @throws Error with the reason if there is no response.
 */
export async function postMessage(
  url: string,
  message: SignedMessage,
  { secrets, allowPrivate, signal }: PostOptions,
): Promise<ReceivedResponse> {
  const literal = literalOf(new URL(url))
  // `lookupPublic` checks the result of DNS; an IP address in the URL needs no DNS.
  if (literal && !allowPrivate && !isPublic(literal)) throw new PrivateAddressError(literal)
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  // A new agent for each attempt, because a reused connection would skip the check of the address.
  const dispatcher = new Agent(allowPrivate ? {} : { connect: { lookup: lookupPublic } })
  try {
    const { statusCode, headers, body } = await request(url, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.any([signal, timeout]),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Longtake',
        'webhook-id': message.id,
        'webhook-timestamp': String(message.timestamp),
        'webhook-signature': sign(message, secrets),
      },
      body: message.body,
    })
    return {
      status: statusCode,
      body: await beginningOf(body),
      retryAfterS: retryAfterOf(headers['retry-after'], MAX_RETRY_AFTER_S),
    }
  } catch (error) {
    throw timeout.aborted ? new Error('The receiver did not respond in time.') : explained(error)
  } finally {
    await dispatcher.destroy()
  }
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= KEPT_BYTES) break
  }
  // PostgreSQL text cannot contain NUL.
  return Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString().replaceAll('\0', '')
}

/** Replaces an unspecific error by its cause. */
function explained(error: unknown): unknown {
  // Also thrown for a response that switches to another protocol.
  if (error instanceof errors.SocketError) return new Error('The connection was closed without a response.')
  return error
}
