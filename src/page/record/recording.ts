import { signal } from '@preact/signals'
import { messageOf } from '../api/http.ts'
import { type Capture, type Kind, recordingType } from './capture.ts'
import { giveUp, PieceSender, type SenderState } from './piece-sender.ts'
import { pieceStore } from './piece-store.ts'
import { recordingNow } from './recording-now.ts'

/** Milliseconds of one piece: what is lost at most when the browser crashes. */
const PIECE = 1000

/** What the view shows of a recording that is going on, or being sent. */
export interface RecordingState {
  readonly phase: 'recording' | 'paused' | 'sending' | 'done' | 'failed'
  readonly seconds: number
  /** Bytes. */
  readonly recorded: number
  readonly sender: SenderState
  /** At the end. */
  readonly video?: string
  readonly problem?: string
}

/** Held as long as a tab works on a recording: others leave it alone. */
export const lockOf = (id: string) => `longtake-recording-${id}`

/** Records, keeps every piece in the browser, and sends at the same time. */
export class Recording {
  readonly state = signal<RecordingState>({
    phase: 'recording',
    seconds: 0,
    recorded: 0,
    sender: { sent: 0 },
  })
  readonly #id = crypto.randomUUID()
  readonly #recorder: MediaRecorder
  readonly #capture: Capture
  readonly #sender = new PieceSender(this.#id, sender => this.#set({ sender }))
  #release = () => {}
  #keeping: Promise<unknown>
  #before = 0
  #since = 0

  constructor(capture: Capture, kind: Kind, title: string) {
    this.#capture = capture
    const type = recordingType(kind)
    this.#recorder = new MediaRecorder(capture.stream, {
      ...(type && { mimeType: type }),
      videoBitsPerSecond: 4_000_000,
      audioBitsPerSecond: 128_000,
    })
    this.#keeping = pieceStore.put({
      id: this.#id,
      title,
      type: this.#recorder.mimeType || type,
      began: Date.now(),
      seconds: 0,
      recorded: 0,
    })
    void navigator.locks.request(
      lockOf(this.#id),
      () => new Promise<void>(resolve => (this.#release = resolve)),
    )
    this.#recorder.addEventListener('dataavailable', ({ data }) => data.size > 0 && this.#keep(data))
    this.#recorder.addEventListener('stop', () => void this.#end())
    this.#recorder.addEventListener('error', () => this.stop())
    this.#recorder.start(PIECE)
    this.#since = performance.now()
    recordingNow.value = true
    addEventListener('beforeunload', this.#warn)
    void this.#keeping.then(() => this.#send())
  }

  /** Seconds that are recorded, without the pauses. */
  seconds(): number {
    return (
      this.#before + (this.#recorder.state === 'recording' ? (performance.now() - this.#since) / 1000 : 0)
    )
  }

  pause(): void {
    this.#before = this.seconds()
    this.#recorder.pause()
    this.#set({ phase: 'paused' })
  }

  resume(): void {
    this.#since = performance.now()
    this.#recorder.resume()
    this.#set({ phase: 'recording' })
  }

  stop(): void {
    if (this.#recorder.state === 'inactive') return
    this.#before = this.seconds()
    this.#recorder.stop()
  }

  /** The connection is back, as far as one knows. */
  tryNow(): void {
    this.#sender.wake()
  }

  #keep(blob: Blob): void {
    const seconds = this.seconds()
    this.#keeping = this.#keeping.then(async () => {
      const offset = this.state.value.recorded
      await pieceStore.add({ recording: this.#id, offset, blob }, seconds)
      this.#set({ recorded: offset + blob.size })
      this.#sender.wake()
    })
    this.#keeping.catch(error => {
      // The browser has no room left: what is kept is whole, and what comes now cannot be.
      this.#set({
        problem: `The recording was ended: this browser has no room to keep more of it. (${messageOf(error)})`,
      })
      this.stop()
    })
  }

  async #end(): Promise<void> {
    this.#capture.close()
    recordingNow.value = false
    const { phase } = this.state.value
    this.#set({ phase: phase === 'failed' ? phase : 'sending', seconds: this.#before })
    await this.#keeping.catch(() => {})
    if (this.state.value.recorded === 0) this.#sender.stop()
    await pieceStore.change(this.#id, { length: this.state.value.recorded, seconds: this.#before })
    this.#sender.wake()
  }

  async #send(): Promise<void> {
    try {
      const video = await this.#sender.run()
      await pieceStore.remove(this.#id)
      this.#set({ phase: 'done', video })
    } catch (error) {
      const isEmpty = this.#recorder.state === 'inactive' && this.state.value.recorded === 0
      this.stop()
      this.#set({ phase: 'failed', problem: isEmpty ? 'Nothing was recorded.' : messageOf(error) })
      if (isEmpty) await this.#forget()
    }
    this.#release()
    removeEventListener('beforeunload', this.#warn)
  }

  /** Nobody is to find an empty recording, here or on the server. */
  async #forget(): Promise<void> {
    const upload = (await pieceStore.get(this.#id))?.upload
    await pieceStore.remove(this.#id)
    if (upload) await giveUp(upload).catch(() => {})
  }

  #set(change: Partial<RecordingState>): void {
    this.state.value = { ...this.state.value, ...change }
  }

  readonly #warn = (event: BeforeUnloadEvent) => event.preventDefault()
}
