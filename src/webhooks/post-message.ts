import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isPublic, literalOf, lookupPublic, PrivateAddressError } from './addresses.ts'
import { type SignedMessage, sign } from './signature.ts'

/** How long a receiver may take for all of an attempt, in milliseconds. */
const TIME_LIMIT = 15_000
/** Bytes of its answer that are kept; the rest is not read. */
const KEPT = 1024

export interface PostOptions {
  readonly secrets: readonly string[]
  /** Whether addresses of this machine and its network may be called. */
  readonly allowPrivate: boolean
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly body: string
  /** Seconds to wait, where the receiver asks for it. */
  readonly retryAfter: number | undefined
}

/** Sends a signed message and reads the beginning of the answer; redirects are not followed. @throws Error why there is none. */
export async function postMessage(
  url: string,
  message: SignedMessage,
  options: PostOptions,
): Promise<Answer> {
  const target = new URL(url)
  const literal = literalOf(target)
  // A connection to what is an address already asks no resolver.
  if (literal && !options.allowPrivate && !isPublic(literal)) throw new PrivateAddressError(literal)
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const timeout = AbortSignal.timeout(TIME_LIMIT)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = send(target, {
    method: 'POST',
    agent: false,
    signal: AbortSignal.any([options.signal, timeout]),
    ...(!options.allowPrivate && { lookup: lookupPublic }),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(message.body),
      'user-agent': 'Longtake',
      'webhook-id': message.id,
      'webhook-timestamp': message.timestamp,
      'webhook-signature': sign(message, options.secrets),
    },
  })
  outgoing.on('error', error => reject(timeout.aborted ? new Error('There was no answer in time.') : error))
  // As of an answer that wants to go on in another protocol.
  outgoing.on('close', () => reject(new Error('The connection was closed without an answer.')))
  outgoing.on('response', response => {
    const kept: Buffer[] = []
    let size = 0
    const end = () => {
      const after = response.headers['retry-after'] ?? ''
      resolve({
        status: response.statusCode!,
        // PostgreSQL takes no NUL.
        body: Buffer.concat(kept).subarray(0, KEPT).toString().replaceAll('\0', ''),
        retryAfter: /^\d{1,6}$/.test(after) ? Number(after) : undefined,
      })
      outgoing.destroy()
    }
    response.on('data', (chunk: Buffer) => {
      kept.push(chunk)
      size += chunk.length
      if (size >= KEPT) end()
    })
    response.on('end', end)
    response.on('error', reject)
  })
  outgoing.end(message.body)
  return promise
}
