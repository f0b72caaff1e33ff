import { checkConnection, heardFromServer, isAway, watchConnection } from '../api/connection.ts'
import { Problem, request, requestJson } from '../api/http.ts'
import { type Piece, pieceStore, type StoredRecording } from './piece-store.ts'

/** About how much one request sends at most. */
const BATCH_BYTES = 4 * 1024 * 1024
const LONGEST_WAIT_MS = 15_000
const REQUEST_TIMEOUT_MS = 120_000

const TUS = { 'Tus-Resumable': '1.0.0' }

export interface SenderState {
  /** Bytes that the server has. */
  readonly sent: number
  /** Why nothing is being sent just now. */
  readonly problem?: string
}

/**
 * Sends the pieces of a recording while it grows. `POST /recordings` creates it, so that the server makes an incomplete video of it if this
 * browser never comes back. The bytes go to its upload by tus: HEAD tells the offset, PATCH sends from there. Failed requests are repeated
 * for as long as it takes. The browser deletes a piece only after the server has acknowledged it.
 */
export class PieceSender {
  readonly #id: string
  readonly #onState: (state: SenderState) => void
  readonly #stop = new AbortController()
  #attempt = new AbortController()
  #wake = () => {}
  #sent = 0
  #known = false

  constructor(id: string, onState: (state: SenderState) => void) {
    this.#id = id
    this.#onState = onState
  }

  /** There is more to send, or somebody wants to try now. */
  wake(): void {
    this.#wake()
  }

  /** The connection is back. A request from before may hang on the old one for minutes. */
  #goOn(): void {
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
    const unwatch = watchConnection(() => this.#goOn())
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
          if (isAway((error as Partial<Problem>).status ?? 0)) void checkConnection()
          // The refused request may rely on what the server no longer has: look once more before the recording fails.
          isRefused = isFinal(error)
          this.#known = false
          if (isRefused || this.#attempt.signal.aborted) continue
          this.#onState({ sent: this.#sent, problem: reasonOf(error) })
          await this.#pause(Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures++) * (0.5 + Math.random() / 2))
        }
      }
    } finally {
      unwatch()
    }
  }

  /** One request, or a wait for more. @returns the id of the video at the end. */
  async #step(): Promise<string | undefined> {
    this.#attempt = new AbortController()
    const recording = (await pieceStore.get(this.#id))!
    const upload = recording.upload ?? (await this.#create(recording))
    if (!this.#known) await this.#learn(upload, recording.length)
    if (!this.#known) return undefined
    const pieces = await pieceStore.from(this.#id, this.#sent, BATCH_BYTES)
    const { length } = recording
    if (pieces.length === 0 && length === undefined) {
      await this.#pause()
      return undefined
    }
    // Where all bytes went before the length was known, an empty PATCH tells it.
    await this.#send(upload, pieces, length)
    return this.#sent === length ? upload.split('/').at(-1) : undefined
  }

  /** Creates the recording once, however often the request has to be repeated. */
  async #create({ id, title, type, creation = id }: StoredRecording): Promise<string> {
    const { links } = await requestJson<{ links: { upload: string } }>('recordings', {
      method: 'POST',
      signal: this.#signal(),
      headers: { 'Idempotency-Key': creation },
      json: { title, type },
    })
    await pieceStore.change(id, { upload: links.upload })
    return links.upload
  }

  async #learn(upload: string, length: number | undefined): Promise<void> {
    const answer = await request(upload, {
      method: 'HEAD',
      signal: this.#signal(),
      headers: TUS,
      cache: 'no-store',
    }).catch(error => this.#startAgain(error))
    if (!answer) return
    const closedAt = answer.headers.get('Upload-Length')
    if (closedAt !== null && Number(closedAt) !== length) throw new ClosedRecording(upload.split('/').at(-1)!)
    await this.#acknowledge(answer)
    this.#known = true
  }

  /** Creates the recording anew if the server no longer has it and this browser still has every byte. @throws `error` otherwise. */
  async #startAgain(error: Problem): Promise<undefined> {
    if (error.status !== 404 && error.status !== 410) throw error
    const { recorded } = (await pieceStore.get(this.#id))!
    const [first] = await pieceStore.from(this.#id, 0, 1)
    if (recorded > 0 && first?.offset !== 0) throw error
    await pieceStore.change(this.#id, { upload: undefined, creation: crypto.randomUUID() })
  }

  async #send(upload: string, pieces: readonly Piece[], length: number | undefined): Promise<void> {
    const body = new Blob(
      pieces.map(({ offset, blob }) => (offset < this.#sent ? blob.slice(this.#sent - offset) : blob)),
    )
    if (body.size === 0 && this.#sent !== length)
      throw new Problem(422, 'pieces_lost', 'Parts of this recording are no longer in this browser.')
    const answer = await request(upload, {
      method: 'PATCH',
      signal: this.#signal(),
      headers: {
        ...TUS,
        'Upload-Offset': String(this.#sent),
        'Content-Type': 'application/offset+octet-stream',
        ...(length !== undefined && { 'Upload-Length': String(length) }),
      },
      body,
    })
    await this.#acknowledge(answer)
  }

  /** A connection that is dead and does not know it would hold everything up. */
  #signal(): AbortSignal {
    return AbortSignal.any([this.#stop.signal, this.#attempt.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
  }

  async #acknowledge(answer: Response): Promise<void> {
    this.#sent = Number(answer.headers.get('Upload-Offset'))
    this.#onState({ sent: this.#sent })
    heardFromServer()
    await pieceStore.forget(this.#id, this.#sent)
  }

  /** Waits until somebody wakes it. @param milliseconds at most. */
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

/** The server has made an incomplete video of the recording, because it had received nothing for too long. */
export class ClosedRecording extends Problem {
  readonly video: string

  constructor(video: string) {
    const text =
      'The server received nothing for too long and closed the recording. It is in the library without its end.'
    super(410, 'recording_closed', text)
    this.video = video
  }
}

/** Deletes what the server has of a recording, so that it does not become an incomplete video (tus 1.0.0, Termination). @throws Problem */
export async function giveUp(upload: string): Promise<void> {
  await request(upload, { method: 'DELETE', headers: TUS })
}

/** A request that was ended for its length has no words for people. */
function reasonOf(error: unknown): string {
  return error instanceof Problem ? error.message : 'The server does not answer.'
}

/** Whether a repetition is useless. 409 and 423 can follow a lost connection that the server has not noticed yet. */
function isFinal(error: unknown): boolean {
  const { status } = error as { status?: number }
  return status !== undefined && status >= 400 && status < 500 && ![408, 409, 423, 425, 429].includes(status)
}
