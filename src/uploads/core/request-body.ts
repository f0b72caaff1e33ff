import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../base/errors.ts'
import { bodyTooLarge } from './upload-errors.ts'

/** A body that brings less than `MIN_RATE_BYTES` in `RATE_WINDOW_MS` is ended, because it only occupies a connection. */
const RATE_WINDOW_MS = 30_000
const MIN_RATE_BYTES = 1024
/** When no bytes have come for this long, the bytes received so far are made durable. */
const SILENCE_MS = 1000
/** An empty chunk: asks the storage to make the bytes before it durable now. */
const FLUSH = Buffer.alloc(0)

export interface BodyOptions {
  /** Ends the body early, as if the client had ended it: the bytes received so far are kept. */
  readonly signal: AbortSignal
  /** Maximum size of the body in bytes. */
  readonly limit: number
}

/**
 * The bytes of a request, read directly from the socket: an intermediate web stream or transform would take as much time as the disk. Ends
 * without an error if the client disconnects or is too slow or if the signal aborts, because the bytes received so far are kept. The request
 * stays open for a response; its property `complete` says whether the whole body came. An empty chunk asks the storage to flush.
 * @throws ApiError 413 at the chunk that exceeds the limit, or the ApiError that the request was destroyed with.
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
      // Even if the signal has aborted or the client has disconnected, the buffered bytes are kept.
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

/** Whether a body has at least one byte. If the request declares no length, waits for the first byte. */
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

function nextOf(request: IncomingMessage, events: readonly string[]): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      for (const event of events) request.off(event, done)
      resolve()
    }
    for (const event of events) request.on(event, done)
  })
}

/** The declared size of a body in bytes; undefined if the request has no Content-Length. */
export function announcedBytes({ headers }: IncomingMessage): number | undefined {
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
}
