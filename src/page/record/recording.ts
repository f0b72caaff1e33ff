import { signal } from '@preact/signals'
import { messageOf } from '../api/http.ts'
import { type Capture, type Kind, recordingType } from './capture.ts'
import { ChunkSender, type SenderState } from './chunk-sender.ts'
import { chunkStore } from './chunk-store.ts'
import { recordingNow } from './recording-now.ts'
import { deleteUpload } from './recording-upload.ts'

/** Length of a chunk: a crash of the browser loses no more than this. */
const CHUNK_MS = 1000

/** State of a recording, for the view. */
export interface RecordingState {
  readonly phase: 'recording' | 'paused' | 'sending' | 'done' | 'failed'
  readonly seconds: number
  /** Bytes recorded so far. */
  readonly recorded: number
  readonly sender: SenderState
  /** Id of the video, once everything is sent. */
  readonly video?: string
  readonly problem?: string
}

/** Name of the lock that a tab holds while it works on a recording. Other tabs ignore a locked recording. */
export const lockOf = (id: string) => `longtake-recording-${id}`

/** Records, stores every chunk in the browser, and uploads at the same time. */
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
  readonly #sender = new ChunkSender(this.#id, sender => this.#set({ sender }))
  #release = () => {}
  #storing: Promise<unknown>
  /** Seconds recorded before the last pause. */
  #earlierS = 0
  /** Time at which the recording was started or resumed, from `performance.now()`. */
  #sinceMs = 0

  constructor(capture: Capture, kind: Kind, title: string) {
    this.#capture = capture
    const type = recordingType(kind)
    this.#recorder = new MediaRecorder(capture.stream, {
      ...(type && { mimeType: type }),
      videoBitsPerSecond: 4_000_000,
      audioBitsPerSecond: 128_000,
    })
    this.#storing = chunkStore.put({
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
    this.#recorder.addEventListener('dataavailable', ({ data }) => data.size > 0 && this.#store(data))
    this.#recorder.addEventListener('stop', () => void this.#end())
    this.#recorder.addEventListener('error', () => this.stop())
    this.#recorder.start(CHUNK_MS)
    this.#sinceMs = performance.now()
    recordingNow.value = true
    addEventListener('beforeunload', this.#warn)
    void this.#storing.then(() => this.#send())
  }

  /** Seconds recorded, without the pauses. */
  seconds(): number {
    return (
      this.#earlierS + (this.#recorder.state === 'recording' ? (performance.now() - this.#sinceMs) / 1000 : 0)
    )
  }

  pause(): void {
    this.#earlierS = this.seconds()
    this.#recorder.pause()
    this.#set({ phase: 'paused' })
  }

  resume(): void {
    this.#sinceMs = performance.now()
    this.#recorder.resume()
    this.#set({ phase: 'recording' })
  }

  stop(): void {
    if (this.#recorder.state === 'inactive') return
    this.#earlierS = this.seconds()
    this.#recorder.stop()
  }

  /** Sends now instead of after the wait. */
  tryNow(): void {
    this.#sender.wake()
  }

  #store(blob: Blob): void {
    const seconds = this.seconds()
    this.#storing = this.#storing.then(async () => {
      const offset = this.state.value.recorded
      await chunkStore.add({ recording: this.#id, offset, blob }, seconds)
      this.#set({ recorded: offset + blob.size })
      this.#sender.wake()
    })
    this.#storing.catch(error => {
      // The browser has no space left. What it has stored so far is complete.
      this.#set({
        problem: `The recording was stopped: this browser has no space left to store it. (${messageOf(error)})`,
      })
      this.stop()
    })
  }

  async #end(): Promise<void> {
    this.#capture.close()
    recordingNow.value = false
    const { phase } = this.state.value
    this.#set({ phase: phase === 'failed' ? phase : 'sending', seconds: this.#earlierS })
    await this.#storing.catch(() => {})
    if (this.state.value.recorded === 0) this.#sender.stop()
    await chunkStore.change(this.#id, { length: this.state.value.recorded, seconds: this.#earlierS })
    this.#sender.wake()
  }

  async #send(): Promise<void> {
    try {
      const video = await this.#sender.run()
      await chunkStore.remove(this.#id)
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

  /** Deletes an empty recording here and on the server. */
  async #forget(): Promise<void> {
    const upload = (await chunkStore.get(this.#id))?.upload
    await chunkStore.remove(this.#id)
    if (upload) await deleteUpload(upload).catch(() => {})
  }

  #set(change: Partial<RecordingState>): void {
    this.state.value = { ...this.state.value, ...change }
  }

  readonly #warn = (event: BeforeUnloadEvent) => event.preventDefault()
}
