import { createReadStream, fstatSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { DetailedError, Upload } from 'tus-js-client'
import { CREDENTIAL } from './credential.ts'
import type { ResumeStore } from './resume-store.ts'
import { isTemporary, networkReason, refusal, UserError } from './user-error.ts'

export interface SendOptions {
  /** Descriptor of the file, open for as long as it is sent, so that a rename does not matter. */
  readonly fd: number
  readonly size: number
  /** Time of the last change, in milliseconds, when the upload was begun. */
  readonly changed: number
  /** Where uploads are created. */
  readonly endpoint: string
  readonly metadata: Record<string, string>
  readonly store: ResumeStore
  readonly signal: AbortSignal
  /** Bytes on their way so far; they may not have arrived yet. */
  onProgress(sent: number): void
  /** Bytes that the server has made safe. */
  onSafe(bytes: number): void
  /** The upload goes on at `offset`, after an earlier run or after the connection was lost. */
  onResume(offset: number): void
  /**
   * The server cannot be reached, or cannot take the upload now; said once each time, then it is tried again and again.
   * @param before whether it was there before.
   */
  onLost(reason: string, seconds: number, before: boolean): void
  /** Something else that the user should know. */
  onNote(text: string): void
}

/** Proxies in front of a server often take no more than 100 MB in one request. */
const CHUNK_SIZE = 64 * 2 ** 20
const MIN_CHUNK_SIZE = 2 ** 20
const DELAYS = [0.5, 1, 2, 4, 8, 10]
/** tus-js-client never gives up on a connection that has gone silent: after this many milliseconds, we do. */
const SILENCE = 60_000
const RETRIED_STATUS = new Set([408, 409, 423, 425, 429])

class Silence extends Error {
  override message = `nothing has moved for ${SILENCE / 1000} s`
}

/**
 * Sends the file until the server has all of it, from where it has it, however often the connection fails.
 * The retries are ours: those of tus-js-client are finite, and it takes any error of the server at a resume for the loss of the upload.
 * @returns the URL of the finished upload.
 * @throws UserError where the server refuses or the file has changed; the signal's reason when that fires.
 */
export async function send(options: SendOptions): Promise<string> {
  const { store, signal } = options
  let url = store.read()
  let chunkSize = CHUNK_SIZE
  let reached = url !== undefined
  let startedAnew = false
  let failures = 0
  let safe = 0

  for (;;) {
    checkUnchanged(options)
    let resumed = url !== undefined
    try {
      url = await attempt(options, url, chunkSize, {
        onUrl(created) {
          reached = true
          if (created !== url && !store.write(created)) {
            options.onNote(
              'The state directory cannot be written to: a later run could not resume this upload.',
            )
          }
          url = created
        },
        onSafe(bytes) {
          if (resumed && bytes > 0) options.onResume(bytes)
          resumed = false
          if (bytes > safe) failures = 0
          safe = bytes
          options.onSafe(bytes)
        },
      })
      store.remove()
      return url
    } catch (error) {
      signal.throwIfAborted()
      const status = statusOf(error)
      if (url !== undefined && !startedAnew && (status === 404 || status === 410)) {
        options.onNote(
          'The server no longer has the part that was uploaded before: starting from the first byte.',
        )
        store.remove()
        url = undefined
        startedAnew = true
        continue
      }
      if (url !== undefined && status === 413 && chunkSize > MIN_CHUNK_SIZE) {
        // Some proxy's limit on one request: smaller ones may pass.
        chunkSize /= 2
        continue
      }
      const reason = temporaryReason(error, url !== undefined, reached)
      if (!reason) throw new UserError(refusalSentence(error, options.endpoint))
      const seconds = DELAYS[Math.min(failures, DELAYS.length - 1)]!
      if (failures === 0) options.onLost(reason, seconds, reached)
      failures += 1
      await pause(seconds * 1000, undefined, { signal })
    }
  }
}

interface AttemptEvents {
  onUrl(url: string): void
  onSafe(bytes: number): void
}

/** One go: create the upload, or ask how far it is, and send what is missing. */
function attempt(
  options: SendOptions,
  url: string | undefined,
  chunkSize: number,
  events: AttemptEvents,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const stop = (reason: unknown) => {
    void upload.abort()
    reject(reason)
  }
  const silence = setTimeout(() => stop(new Silence()), SILENCE)
  const interrupted = () => stop(options.signal.reason)
  options.signal.addEventListener('abort', interrupted, { once: true })

  let first = true
  // The reader below brings the content: the file is opened once, and a failing disk is an error instead of a crash.
  const upload = new Upload(Buffer.from('-'), {
    endpoint: url ? null : options.endpoint,
    // Without an endpoint, a failing resume is an error; with one, tus-js-client would begin a new upload by itself.
    uploadUrl: url ?? null,
    headers: { ...CREDENTIAL },
    metadata: options.metadata,
    chunkSize,
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
      // The first report of an attempt is the offset that the server has named.
      if (first) events.onSafe(sent)
      first = false
      options.onProgress(sent)
    },
    onChunkComplete(_, accepted) {
      silence.refresh()
      events.onSafe(accepted)
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
        highWaterMark: 256 * 1024,
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
    'The file has changed since the upload began, so its parts would not fit together: run the same again when it is complete.',
  )
}

function statusOf(error: unknown): number | undefined {
  return error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined
}

/** Why it makes sense to try again, in a few words; undefined where it does not. */
function temporaryReason(error: unknown, created: boolean, reached: boolean): string | undefined {
  if (error instanceof UserError) return undefined
  if (error instanceof Silence) return error.message
  const status = statusOf(error)
  if (status === undefined) {
    // A server that was there before will be again; one that never was may be a mistake in its address.
    return reached || isTemporary(error) ? networkReason(error) : undefined
  }
  if (status >= 500 || RETRIED_STATUS.has(status)) return `the server answered ${status}`
  // A success without the headers of tus: a network that wants a log-in first answers like this in the middle of an upload.
  return created && status < 300 ? 'the answer came from something else than the server' : undefined
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
  const said = refusal(response.getBody())
  return `The server refuses the upload (${status})${said ? `: ${said}` : '.'}`
}
