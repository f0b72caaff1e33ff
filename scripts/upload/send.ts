import { createReadStream, fstatSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { DetailedError, Upload } from 'tus-js-client'
import { retryAfterOf } from '../../src/net/retry-after.ts'
import { CREDENTIAL, KEY_HINT } from '../command-line/credential.ts'
import { isTemporary, networkReason, refusal, UserError } from '../command-line/user-error.ts'
import type { ResumeStore } from './resume-store.ts'

export interface SendOptions {
  /** Descriptor of the open file, so that a rename does not matter. */
  readonly fd: number
  readonly size: number
  /** The file's last change when the upload started, in milliseconds since 1970. */
  readonly changed: number
  /** The URL that creates uploads. */
  readonly endpoint: string
  readonly metadata: Record<string, string>
  readonly store: ResumeStore
  readonly signal: AbortSignal
  /** Bytes sent so far; they may not have arrived yet. */
  onProgress(sent: number): void
  /** Bytes that the server has saved. */
  onSaved(bytes: number): void
  /** The upload resumes at `offset`, after an earlier run or a lost connection. */
  onResume(offset: number): void
  /**
   * The server cannot be reached, or cannot accept the upload now. Called once for each outage; the retries follow.
   * @param seconds until the first retry
   * @param wasReached whether the server has answered before
   */
  onLost(reason: string, seconds: number, wasReached: boolean): void
  /** Anything else that the user should know. */
  onNote(text: string): void
}

/** Proxies in front of a server often limit a request to 100 MB. */
const MAX_CHUNK_BYTES = 64 * 2 ** 20
const MIN_CHUNK_BYTES = 2 ** 20
const READ_BYTES = 256 * 1024
const DELAYS_S = [0.5, 1, 2, 4, 8, 10]
/** Time after which a silent connection counts as dead. tus-js-client would wait for ever. */
const SILENCE_MS = 60_000
const RETRIED_STATUS = new Set([408, 409, 423, 425, 429])

class Silence extends Error {
  override message = `no bytes moved for ${SILENCE_MS / 1000} s`
}

/**
 * Sends the bytes that the server does not have yet, and retries until it has all of them. The note in the store stays, so that a repeated
 * command finds the upload complete; the caller removes it.
 * The retries are our own: those of tus-js-client are finite, and it starts a new upload if the server answers a resume with any error.
 * @returns the URL of the finished upload.
 * @throws UserError if the server refuses the upload or the file has changed; the signal's reason when that fires
 */
export async function send(options: SendOptions): Promise<string> {
  const { store, signal } = options
  let url = store.read()
  let chunkBytes = MAX_CHUNK_BYTES
  let reached = url !== undefined
  let startedAnew = false
  let failures = 0
  let saved = 0

  for (;;) {
    checkUnchanged(options)
    let resumed = url !== undefined
    try {
      url = await attempt(options, url, chunkBytes, {
        onUrl(created) {
          reached = true
          if (created !== url && !store.write(created)) {
            options.onNote('The state directory is not writable, so a later run cannot resume this upload.')
          }
          url = created
        },
        onSaved(bytes) {
          if (resumed && bytes > 0) options.onResume(bytes)
          resumed = false
          if (bytes > saved) failures = 0
          saved = bytes
          options.onSaved(bytes)
        },
      })
      return url
    } catch (error) {
      signal.throwIfAborted()
      const status = statusOf(error)
      if (url !== undefined && !startedAnew && (status === 404 || status === 410)) {
        options.onNote(
          'The server no longer has the part that was uploaded before. Starting again from the first byte.',
        )
        store.remove()
        url = undefined
        startedAnew = true
        continue
      }
      if (url !== undefined && status === 413 && chunkBytes > MIN_CHUNK_BYTES) {
        // The limit may be a proxy's: smaller requests may pass.
        chunkBytes /= 2
        continue
      }
      const reason = temporaryReason(error, url !== undefined, reached)
      if (!reason)
        throw new UserError(refusalSentence(error, options.endpoint), { endsAll: isRefusedForAll(error) })
      const seconds = Math.max(DELAYS_S[Math.min(failures, DELAYS_S.length - 1)]!, retryAfterS(error) ?? 0)
      if (failures === 0) options.onLost(reason, seconds, reached)
      failures += 1
      await pause(seconds * 1000, undefined, { signal })
    }
  }
}

/** Seconds that the server asks to wait, an hour at most. */
function retryAfterS(error: unknown): number | undefined {
  const field = error instanceof DetailedError ? error.originalResponse?.getHeader('Retry-After') : undefined
  return retryAfterOf(field, 3600)
}

interface AttemptEvents {
  onUrl(url: string): void
  onSaved(bytes: number): void
}

/** One attempt: creates the upload or asks for its offset, then sends the rest. */
function attempt(
  options: SendOptions,
  url: string | undefined,
  chunkBytes: number,
  events: AttemptEvents,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const stop = (reason: unknown) => {
    void upload.abort()
    reject(reason)
  }
  const silence = setTimeout(() => stop(new Silence()), SILENCE_MS)
  const interrupted = () => stop(options.signal.reason)
  options.signal.addEventListener('abort', interrupted, { once: true })

  let first = true
  // `fileReader` below supplies the bytes: so the file is opened only once, and a failing disk is an error, not a crash.
  const upload = new Upload(Buffer.from('-'), {
    endpoint: url ? null : options.endpoint,
    // With an endpoint, tus-js-client would answer a failed resume by a new upload. Without one, it is an error.
    uploadUrl: url ?? null,
    headers: { ...CREDENTIAL },
    metadata: options.metadata,
    chunkSize: chunkBytes,
    retryDelays: null,
    storeFingerprintForResuming: false,
    fingerprint: async () => '',
    fileReader: { openFile: async () => fileSource(options, stop) },
    onUploadUrlAvailable() {
      silence.refresh()
      if (upload.url) events.onUrl(upload.url)
    },
    onProgress(sent) {
      silence.refresh()
      // The first report of an attempt is the offset from the server.
      if (first) events.onSaved(sent)
      first = false
      options.onProgress(sent)
    },
    onChunkComplete(_, accepted) {
      silence.refresh()
      events.onSaved(accepted)
    },
    onSuccess: () => resolve(upload.url!),
    onError: reject,
  })
  upload.start()
  return promise.finally(() => {
    clearTimeout(silence)
    options.signal.removeEventListener('abort', interrupted)
  })
}

function fileSource({ fd, size }: SendOptions, onError: (error: Error) => void) {
  return {
    size,
    async slice(start: number, end: number) {
      const stream = createReadStream('', {
        fd,
        start,
        end: end - 1,
        autoClose: false,
        highWaterMark: READ_BYTES,
      })
      stream.on('error', error => onError(new UserError(`The file cannot be read: ${error.message}.`)))
      return { value: Object.assign(stream, { size: end - start }), done: end >= size }
    },
    close() {},
  }
}

function checkUnchanged({ fd, size, changed }: SendOptions): void {
  const now = fstatSync(fd)
  if (now.size === size && now.mtimeMs === changed) return
  throw new UserError(
    'The file has changed since the upload started, so its parts would not fit together. Run the same command again when the file is complete.',
  )
}

function statusOf(error: unknown): number | undefined {
  return error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined
}

/** A few words on why a retry makes sense; undefined if it does not. */
function temporaryReason(error: unknown, created: boolean, reached: boolean): string | undefined {
  if (error instanceof UserError) return undefined
  if (error instanceof Silence) return error.message
  const status = statusOf(error)
  if (status === undefined) {
    // A server that has answered before will come back. One that has not may have a mistyped address.
    return reached || isTemporary(error) ? networkReason(error) : undefined
  }
  if (status >= 500 || RETRIED_STATUS.has(status)) return `the server answered ${status}`
  // A success without tus headers: a network with a log-in page answers like this in the middle of an upload.
  return created && status < 300 ? 'something other than the server answered' : undefined
}

/** Whether the server refuses every file, or is none. */
function isRefusedForAll(error: unknown): boolean {
  const status = statusOf(error)
  return (
    !(error instanceof UserError) &&
    (status === undefined || status < 400 || [401, 403, 404, 405].includes(status))
  )
}

function refusalSentence(error: unknown, endpoint: string): string {
  if (error instanceof UserError) return error.message
  const response = error instanceof DetailedError ? error.originalResponse : null
  if (!response) return `${endpoint} cannot be reached: ${networkReason(error)}.`
  const status = response.getStatus()
  if (status < 300 || status === 404 || status === 405) {
    return `There is no Longtake server at this address: ${endpoint} answered ${status}.`
  }
  if (status < 400)
    return `${endpoint} answered ${status}: try --url with the address ${response.getHeader('Location') ?? ''}`
  const detail = refusal(response.getBody())
  const key = status === 401 ? ` ${KEY_HINT}` : ''
  return `The server refused the upload (${status})${detail ? `: ${detail}` : '.'}${key}`
}
