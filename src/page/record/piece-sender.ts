import { Problem, request } from '../api/http.ts'
import { type Piece, pieceStore } from './piece-store.ts'

/** Bytes in one request at most, about. */
const BATCH = 4 * 1024 * 1024
/** Milliseconds between attempts, at most. */
const LONGEST_WAIT = 15_000
/** Milliseconds that one request may take. */
const PATIENCE = 120_000

const TUS = { 'Tus-Resumable': '1.0.0' }

export interface SenderState {
  /** Bytes that the server has. */
  readonly sent: number
  /** Why nothing is being sent just now. */
  readonly problem?: string
}

/**
 * Sends the pieces of a recording while it grows, by tus with a deferred length: creation, HEAD to learn where to go on, PATCH. What breaks
 * is tried again for as long as it takes; a piece is forgotten once the server has told that it has it.
 */
export class PieceSender {
  readonly #id: string
  readonly #onState: (state: SenderState) => void
  readonly #stop = new AbortController()
  #wake = () => {}
  #sent = 0
  #known = false

  constructor(id: string, onState: (state: SenderState) => void) {
    this.#id = id
    this.#onState = onState
  }

  /** There is more to send, or the connection is back. */
  wake(): void {
    this.#wake()
  }

  stop(): void {
    this.#stop.abort()
    this.#wake()
  }

  /**
   * Sends until the recording has ended and the server has all of it.
   * @returns the id of the video. @throws Problem where the server will never take it; AbortError after `stop`.
   */
  async run(): Promise<string> {
    let failures = 0
    const onOnline = () => this.wake()
    addEventListener('online', onOnline)
    try {
      for (;;) {
        this.#stop.signal.throwIfAborted()
        try {
          const video = await this.#step()
          failures = 0
          if (video) return video
        } catch (error) {
          if (this.#stop.signal.aborted || isFinal(error)) throw error
          this.#known = false
          const { message } = error as Error
          this.#onState({ sent: this.#sent, problem: message })
          await this.#pause(Math.min(LONGEST_WAIT, 500 * 2 ** failures++) * (0.5 + Math.random() / 2))
        }
      }
    } finally {
      removeEventListener('online', onOnline)
    }
  }

  /** One request, or a wait for more. @returns the id of the video at the end. */
  async #step(): Promise<string | undefined> {
    const recording = (await pieceStore.get(this.#id))!
    const upload = recording.upload ?? (await this.#create(recording.title, recording.type))
    if (!this.#known) await this.#learn(upload)
    const pieces = await pieceStore.from(this.#id, this.#sent, BATCH)
    const { length } = recording
    if (pieces.length === 0 && length === undefined) {
      await this.#pause()
      return undefined
    }
    // Where all bytes went before the length was known, an empty PATCH tells it.
    await this.#send(upload, pieces, length)
    return this.#sent === length ? upload.split('/').at(-1) : undefined
  }

  async #create(title: string, type: string): Promise<string> {
    const container = type.split(';')[0]!
    const metadata = { title, filename: `${title}.${container.split('/')[1]}`, filetype: container }
    const answer = await request('uploads', {
      method: 'POST',
      signal: this.#signal(),
      headers: {
        ...TUS,
        'Upload-Defer-Length': '1',
        'Upload-Metadata': Object.entries(metadata)
          .map(([key, value]) => `${key} ${base64(value)}`)
          .join(','),
      },
    })
    const upload = answer.headers.get('Location')!
    await pieceStore.change(this.#id, { upload })
    return upload
  }

  async #learn(upload: string): Promise<void> {
    const answer = await request(upload, {
      method: 'HEAD',
      signal: this.#signal(),
      headers: TUS,
      cache: 'no-store',
    })
    await this.#acknowledge(answer)
    this.#known = true
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
    return AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PATIENCE)])
  }

  async #acknowledge(answer: Response): Promise<void> {
    this.#sent = Number(answer.headers.get('Upload-Offset'))
    this.#onState({ sent: this.#sent })
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

/** Lets the server forget what it has of a recording, which would become an incomplete video (tus 1.0.0, Termination). @throws Problem */
export async function giveUp(upload: string): Promise<void> {
  await request(upload, { method: 'DELETE', headers: TUS })
}

/** Whether trying again is of no use. 409 and 423 come after a break, when the server has not noticed it yet. */
function isFinal(error: unknown): boolean {
  const { status } = error as { status?: number }
  return status !== undefined && status >= 400 && status < 500 && ![408, 409, 423, 425, 429].includes(status)
}

/** tus 1.0.0, Upload-Metadata: values are the base64 of UTF-8. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
