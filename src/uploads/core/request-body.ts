import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../base/errors.ts'
import { bodyTooLarge } from './upload-errors.ts'

/** A body slower than `MIN_RATE_BYTES` in `RATE_WINDOW_MS` is ended: it only occupies the connection. */
const RATE_WINDOW_MS = 30_000
const MIN_RATE_BYTES = 1024
/** After a silence of this length, the bytes that came before are made durable. */
const SILENCE_MS = 1000
/** Asks the storage to make everything before it durable now. */
const FLUSH = Buffer.alloc(0)

export interface BodyOptions {
  /** Ends the body early, as if the client had ended it: the bytes so far count. */
  readonly signal: AbortSignal
  /** Bytes that it may have. */
  readonly limit: number
}

/**
 * The bytes of a request, straight from the socket: a web stream or a transform in between would cost as much as the disk. Ends without an
 * error if the client goes away, is too slow, or the signal aborts, because the bytes so far are kept. The request stays open for a response,
 * and its `complete` says whether the whole body came. An empty chunk means that the client is silent.
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
    if (received - paced < MIN_RATE_BYTES) end()
    paced = received
  }, RATE_WINDOW_MS)
  try {
    for (;;) {
      // If the body is cut off, or its client is gone, the bytes that are buffered still count.
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
export async function hasBytes(request: IncomingMessage): Promise<boolean> {
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

/** Bytes of a body as its request announces them; undefined with a transfer coding. */
export function announcedBytes({ headers }: IncomingMessage): number | undefined {
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
}
