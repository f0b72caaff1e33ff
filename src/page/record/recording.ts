import { signal } from '@preact/signals'
import { messageOf } from '../api/http.ts'
import { say } from '../locale/say.ts'
import { recordingType } from './capture.ts'
import { ChunkSender, type SenderState } from './chunk-sender.ts'
import { chunkStore } from './chunk-store.ts'
import { discardStored, finishStored, lockOf } from './finish-stored.ts'
import { renameVideo } from './recording-upload.ts'

/** Length of a chunk: a crash of the browser loses no more than this. */
const CHUNK_MS = 1000

/** State of a recording, for the view. `discarded`: it was replaced by a new take, and can still be kept. */
export interface RecordingState {
  readonly phase: 'recording' | 'paused' | 'sending' | 'done' | 'failed' | 'discarded'
  readonly title: string
  readonly seconds: number
  /** Bytes recorded so far. */
  readonly recorded: number
  readonly sender: SenderState
  /** Seconds that the server does not have yet. */
  readonly waitingS: number
  /** Id of the video, once everything is sent. */
  readonly video?: string
  readonly problem?: string
}

interface RecordingOptions {
  readonly stream: MediaStream
  readonly title: string
  /** Called when it has ended, but not after `discard`: the next take uses the same devices. */
  readonly onEnd: () => void
}

/** Records, stores every chunk in the browser, and uploads at the same time. */
export class Recording {
  readonly state
  readonly #id = crypto.randomUUID()
  readonly #recorder: MediaRecorder
  readonly #onEnd: () => void
  /** Resolves after the last chunk. */
  readonly #stopped: Promise<unknown>
  readonly #sender = new ChunkSender(this.#id, sender => this.#set({ sender, ...this.#waiting(sender.sent) }))
  #release = () => {}
  #storing: Promise<unknown>
  /** Seconds recorded before the last pause. */
  #earlierS = 0
  /** Time at which the recording was started or resumed, from `performance.now()`. */
  #sinceMs = 0
  /** The end of each chunk. */
  readonly #chunkEnds: { readonly bytes: number; readonly seconds: number }[] = []

  constructor({ stream, title, onEnd }: RecordingOptions) {
    this.state = signal<RecordingState>({
      phase: 'recording',
      title,
      seconds: 0,
      recorded: 0,
      sender: { sent: 0 },
      waitingS: 0,
    })
    this.#onEnd = onEnd
    const type = recordingType(stream.getVideoTracks().length > 0)
    this.#recorder = new MediaRecorder(stream, {
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
    this.#stopped = new Promise(resolve => this.#recorder.addEventListener('stop', resolve))
    this.#recorder.addEventListener('stop', () => void this.#end())
    this.#recorder.addEventListener('error', () => this.stop())
    this.#recorder.start(CHUNK_MS)
    this.#sinceMs = performance.now()
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

  /** Changes the title, also while it is recorded or uploaded. */
  rename(title: string): void {
    this.#set({ title })
    const { phase, video } = this.state.value
    if (phase === 'done') void renameVideo(video!, title).catch(() => {})
    else {
      this.#storing = this.#storing.then(() => chunkStore.change(this.#id, { newTitle: title }))
      void this.#storing.then(
        () => this.#sender.wake(),
        () => {},
      )
    }
  }

  /** Sends now instead of after the wait. */
  tryNow(): void {
    this.#sender.wake()
  }

  /** Ends it without sending the rest. Call `keep` or `remove` later. */
  discard(): void {
    this.#set({ phase: 'discarded' })
    this.stop()
    this.#sender.stop()
    removeEventListener('beforeunload', this.#warn)
  }

  /** Sends the rest of a discarded recording. @returns the id of the video. @throws ClosedRecording; Problem */
  async keep(): Promise<string> {
    await this.#stopped
    await this.#storing
    try {
      return await finishStored(this.#id, sender => this.#set({ sender }))
    } finally {
      this.#release()
    }
  }

  /** Deletes a discarded recording here and on the server. */
  async remove(): Promise<void> {
    await this.#stopped
    await this.#storing.catch(() => {})
    await discardStored(this.#id)
    this.#release()
  }

  #store(blob: Blob): void {
    const seconds = this.seconds()
    this.#storing = this.#storing.then(async () => {
      const offset = this.state.value.recorded
      await chunkStore.add({ recording: this.#id, offset, blob }, seconds)
      const bytes = offset + blob.size
      this.#chunkEnds.push({ bytes, seconds })
      this.#set({ recorded: bytes, seconds, ...this.#waiting(this.state.value.sender.sent) })
      this.#sender.wake()
    })
    this.#storing.catch(error => {
      // The browser has no space left. What it has stored so far is complete.
      this.#set({
        problem: say('The recording was stopped: this browser has no space left to store it. ({reason})', {
          reason: messageOf(error),
        }),
      })
      this.stop()
    })
  }

  /** @param sent bytes that the server has */
  #waiting(sent: number): Pick<RecordingState, 'waitingS'> {
    const sentS = this.#chunkEnds.findLast(({ bytes }) => bytes <= sent)?.seconds ?? 0
    return { waitingS: Math.max(0, (this.#chunkEnds.at(-1)?.seconds ?? 0) - sentS) }
  }

  async #end(): Promise<void> {
    const { phase } = this.state.value
    if (phase === 'discarded') return
    this.#onEnd()
    this.#set({ phase: phase === 'failed' ? phase : 'sending', seconds: this.#earlierS })
    await this.#storing.catch(() => {})
    if (this.state.value.recorded === 0) this.#sender.stop()
    await chunkStore.change(this.#id, { length: this.state.value.recorded, seconds: this.#earlierS })
    this.#sender.wake()
  }

  async #send(): Promise<void> {
    try {
      const video = await this.#sender.run()
      const stored = await chunkStore.get(this.#id)
      await chunkStore.remove(this.#id)
      this.#set({ phase: 'done', video })
      // The user may have changed it during the last request.
      if (stored?.title !== this.state.value.title) this.rename(this.state.value.title)
    } catch (error) {
      if (this.state.value.phase === 'discarded') return
      const isEmpty = this.#recorder.state === 'inactive' && this.state.value.recorded === 0
      this.stop()
      this.#set({ phase: 'failed', problem: isEmpty ? say('Nothing was recorded.') : messageOf(error) })
      if (isEmpty) await discardStored(this.#id)
    }
    this.#release()
    removeEventListener('beforeunload', this.#warn)
  }

  #set(change: Partial<RecordingState>): void {
    this.state.value = { ...this.state.value, ...change }
  }

  readonly #warn = (event: BeforeUnloadEvent) => event.preventDefault()
}
