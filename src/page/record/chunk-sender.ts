import { checkConnection, isUnreachable, noteResponse, watchConnection } from '../api/connection.ts'
import { Problem } from '../api/http.ts'
import { setOwnUploads } from '../api/own-uploads.ts'
import { say } from '../locale/say.ts'
import { type Chunk, chunkStore, type StoredRecording } from './chunk-store.ts'
import { createRecording, getOffset, renameVideo, sendBytes } from './recording-upload.ts'

/** Approximate limit for the body of a request. */
const BATCH_BYTES = 4 * 1024 * 1024
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
const REQUEST_TIMEOUT_MS = 120_000

/** The uploads that are being sent: a take that is kept is sent beside the next one. */
const uploads = new Map<ChunkSender, string>()

export interface SenderState {
  /** Bytes that the server has saved. */
  readonly sent: number
  /** Why nothing is being sent at the moment. */
  readonly problem?: string
}

/**
 * Sends the chunks of a recording while it grows. `POST /recordings` creates the recording: if this browser never comes back, the server makes
 * an incomplete video of the received part. The bytes are sent by tus: HEAD returns the offset, PATCH continues there. Failed requests are
 * repeated for as long as necessary. The browser deletes a chunk only after the server has acknowledged it.
 */
export class ChunkSender {
  readonly #id: string
  readonly #onState: (state: SenderState) => void
  readonly #stop = new AbortController()
  #attempt = new AbortController()
  #wake = () => {}
  #sent = 0
  /** Whether `#sent` is the server's offset. */
  #isOffsetKnown = false

  constructor(id: string, onState: (state: SenderState) => void) {
    this.#id = id
    this.#onState = onState
  }

  /** Ends the current wait, because there is more to send or the user wants to try again now. */
  wake(): void {
    this.#wake()
  }

  /** Aborts the current request when the connection is back: on the old connection it could hang for minutes. */
  #reconnect(): void {
    this.#attempt.abort()
    this.#wake()
  }

  stop(): void {
    this.#stop.abort()
    this.#wake()
  }

  /**
   * Sends until the recording has ended and the server has all of it.
   * @returns the id of the video. @throws ClosedRecording; Problem if the server will never accept it; AbortError after `stop`.
   */
  async run(): Promise<string> {
    let failures = 0
    let isRefused = false
    const unwatch = watchConnection(() => this.#reconnect())
    try {
      for (;;) {
        this.#stop.signal.throwIfAborted()
        try {
          const video = await this.#step()
          failures = 0
          isRefused = false
          if (video) return video
        } catch (error) {
          if (this.#stop.signal.aborted || (isFinal(error) && isRefused)) throw error
          if (isUnreachable((error as Partial<Problem>).status ?? 0)) void checkConnection()
          // The offset may be outdated: get it once more before the recording fails.
          isRefused = isFinal(error)
          this.#isOffsetKnown = false
          if (isRefused || this.#attempt.signal.aborted) continue
          this.#onState({ sent: this.#sent, problem: reasonOf(error) })
          await this.#pause(
            Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++) * (0.5 + Math.random() / 2),
          )
        }
      }
    } finally {
      unwatch()
      this.#noteOwn(undefined)
    }
  }

  /** Sends one request, or waits for more bytes. @returns the id of the video once all bytes are sent */
  async #step(): Promise<string | undefined> {
    this.#attempt = new AbortController()
    const recording = (await chunkStore.get(this.#id))!
    const upload = recording.upload ?? (await this.#create(recording))
    if (!this.#isOffsetKnown) this.#noteOwn(upload)
    if (!this.#isOffsetKnown) await this.#readOffset(upload, recording.length)
    if (!this.#isOffsetKnown) return undefined
    await this.#rename(recording)
    const chunks = await chunkStore.from(this.#id, this.#sent, BATCH_BYTES)
    const { length } = recording
    if (chunks.length === 0 && length === undefined) {
      await this.#pause()
      return undefined
    }
    // If all bytes were sent before the length was known, an empty PATCH declares it.
    await this.#send(upload, chunks, length)
    if (this.#sent !== length) return undefined
    // The user may have changed the title while the end was being sent.
    await this.#rename((await chunkStore.get(this.#id))!)
    return idOf(upload)
  }

  /** Gives the video the title that the user has typed during the recording. */
  async #rename({ id, upload, newTitle }: StoredRecording): Promise<void> {
    if (newTitle === undefined || !upload) return
    try {
      await renameVideo(idOf(upload), newTitle, this.#signal())
    } catch (error) {
      // Without the right to change titles, the recording still goes on.
      if (!isFinal(error)) throw error
    }
    const current = (await chunkStore.get(id))!.newTitle
    await chunkStore.change(id, {
      title: newTitle,
      newTitle: current === newTitle ? undefined : current,
    })
  }

  /** Tells the other views that this tab sends the upload. */
  #noteOwn(upload: string | undefined): void {
    if (upload) uploads.set(this, upload)
    else uploads.delete(this)
    setOwnUploads('record', [...uploads.values()])
  }

  async #create({ id, title, type, creation = id }: StoredRecording): Promise<string> {
    const upload = await createRecording({ title, type }, creation, this.#signal())
    await chunkStore.change(id, { upload })
    return upload
  }

  async #readOffset(upload: string, length: number | undefined): Promise<void> {
    const current = await getOffset(upload, this.#signal()).catch(error => this.#startAgain(error))
    if (!current) return
    if (current.length !== undefined && current.length !== length) throw new ClosedRecording(idOf(upload))
    await this.#acknowledge(current.offset)
    this.#isOffsetKnown = true
  }

  /** Creates the recording again if the server has lost it and this browser still has every byte. @throws `error` otherwise */
  async #startAgain(error: Problem): Promise<undefined> {
    if (error.status !== 404 && error.status !== 410) throw error
    const { recorded } = (await chunkStore.get(this.#id))!
    const [first] = await chunkStore.from(this.#id, 0, 1)
    if (recorded > 0 && first?.offset !== 0) throw error
    await chunkStore.change(this.#id, { upload: undefined, creation: crypto.randomUUID() })
  }

  async #send(upload: string, chunks: readonly Chunk[], length: number | undefined): Promise<void> {
    const body = new Blob(
      chunks.map(({ offset, blob }) => (offset < this.#sent ? blob.slice(this.#sent - offset) : blob)),
    )
    if (body.size === 0 && this.#sent !== length)
      throw new Problem(422, 'chunks_lost', say('Parts of this recording are no longer in this browser.'))
    await this.#acknowledge(await sendBytes(upload, { offset: this.#sent, body, length }, this.#signal()))
  }

  /** A dead connection would block everything, so each request has a time limit. */
  #signal(): AbortSignal {
    return AbortSignal.any([this.#stop.signal, this.#attempt.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
  }

  async #acknowledge(offset: number): Promise<void> {
    this.#sent = offset
    this.#onState({ sent: offset })
    noteResponse()
    await chunkStore.forget(this.#id, offset)
  }

  /** Waits for `wake`. @param milliseconds the longest wait; without it there is no limit */
  #pause(milliseconds?: number): Promise<void> {
    return new Promise(resolve => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** The server has made an incomplete video of the recording, because it received nothing for too long. */
export class ClosedRecording extends Problem {
  readonly video: string

  constructor(video: string) {
    const text = say(
      'The server received nothing for too long and closed the recording. It is in the library, without its end.',
    )
    super(410, 'recording_closed', text)
    this.video = video
  }
}

/** The video has the id of its upload. */
function idOf(upload: string): string {
  return upload.split('/').at(-1)!
}

/** A message to show. That of an aborted request is too technical. */
function reasonOf(error: unknown): string {
  return error instanceof Problem ? error.message : say('The server does not respond.')
}

/** Whether a retry is useless. 409 and 423 can follow a lost connection that the server has not noticed yet. */
function isFinal(error: unknown): boolean {
  const { status } = error as { status?: number }
  return status !== undefined && status >= 400 && status < 500 && ![408, 409, 423, 425, 429].includes(status)
}
