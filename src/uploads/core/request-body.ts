import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../base/errors.ts'
import { bodyTooLarge } from './upload-errors.ts'

/** A body that brings fewer bytes than `RATE_BYTES` in `RATE_WINDOW` milliseconds only holds on to the connection. */
const RATE_WINDOW = 30_000
const RATE_BYTES = 1024
/** How long a body is silent, in milliseconds, before what came of it is written. */
const SILENCE_MS = 1000
/** Asks the storage to make what came before durable now. */
const FLUSH = Buffer.alloc(0)

export interface BodyOptions {
  /** Ends the body where it is, as if the client had: what came counts. */
  readonly signal: AbortSignal
  /** Bytes that it may have at most. */
  readonly limit: number
}

/**
 * The bytes of a request, straight from the socket: no web stream, no transform between. Ends without an error where the client goes
 * away, pauses for too long or the signal aborts, because what arrived is to be kept; the request stays open for an answer.
 * `complete` of the request tells whether all of it came. An empty chunk says that the client is silent.
 * @throws ApiError 413 for the chunk that goes beyond the limit, or the one that the request was ended with.
 */
export async function* requestBody(request: IncomingMessage, options: BodyOptions): AsyncGenerator<Buffer> {
  const { signal, limit } = options
  let received = 0
  let wake = () => {}
  let isFlushed = true
  let isOver = false
  let ended = request.readableEnded || request.destroyed
  let failure: ApiError | undefined
  const end = (error?: unknown) => {
    if (error instanceof ApiError) failure = error
    ended = true
    wake()
  }
  const onReadable = () => wake()
  const events = ['end', 'error', 'close'] as const
  request.on('readable', onReadable)
  for (const event of events) request.on(event, end)
  signal.addEventListener('abort', end)
  let paced = 0
  const pace = setInterval(() => {
    if (received - paced < RATE_BYTES) end()
    paced = received
  }, RATE_WINDOW)
  try {
    for (;;) {
      // Of a body that is cut off, or whose client is gone, what is here already still counts.
      const isLast = signal.aborted
      const chunk = isOver ? null : (request.read() as Buffer | null)
      isOver ||= isLast
      if (chunk) {
        received += chunk.byteLength
        if (received > limit) throw bodyTooLarge()
        isFlushed = false
        yield chunk
      } else if (ended || signal.aborted) {
        if (failure) throw failure
        return
      } else {
        const { promise, resolve } = Promise.withResolvers<boolean>()
        wake = () => resolve(false)
        const silence = isFlushed ? undefined : setTimeout(resolve, SILENCE_MS, true)
        const isSilent = await promise
        clearTimeout(silence)
        if (isSilent) {
          isFlushed = true
          yield FLUSH
        }
      }
    }
  } finally {
    clearInterval(pace)
    request.off('readable', onReadable)
    for (const event of events) request.off(event, end)
    signal.removeEventListener('abort', end)
  }
}

/** Whether a body has at least one byte. If its length is not announced, this waits for the first. */
export async function bringsBytes(request: IncomingMessage): Promise<boolean> {
  const { headers } = request
  if (headers['transfer-encoding'] === undefined) return Number(headers['content-length'] ?? 0) > 0
  for (;;) {
    const chunk = request.read() as Buffer | null
    if (chunk) {
      request.unshift(chunk)
      return true
    }
    if (request.readableEnded || request.destroyed) return false
    await nextOf(request, ['readable', 'end', 'error', 'close'])
  }
}

/** Waits for the first of several events. */
function nextOf(request: IncomingMessage, events: readonly string[]): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      for (const event of events) request.off(event, done)
      resolve()
    }
    for (const event of events) request.on(event, done)
  })
}

/** Bytes that a body has, where its request tells; undefined with a transfer coding. */
export function announcedBytes({ headers }: IncomingMessage): number | undefined {
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
}
