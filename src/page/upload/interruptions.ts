import { effect } from '@preact/signals'
import type Uppy from '@uppy/core'
import { checkConnection, connectionProblem, watchConnection } from '../api/connection.ts'

/** Pauses the uploads while the server is unreachable, and resumes them afterwards. Files that the user paused stay paused. */
export class Interruptions {
  // biome-ignore lint/suspicious/noExplicitAny: this class does not read the files' metadata
  readonly #uppy: Uppy<any, any>
  /** Ids of files that this class has paused. */
  readonly #paused = new Set<string>()
  /** Ids of files that failed because the server was unreachable for too long. */
  readonly #failed = new Set<string>()
  #unwatch: (() => void) | undefined

  // biome-ignore lint/suspicious/noExplicitAny: as above
  constructor(uppy: Uppy<any, any>) {
    this.#uppy = uppy
    effect(() => {
      if (connectionProblem.value) this.#pause()
    })
  }

  /** The files that are being sent, or will be when the server is back. */
  active() {
    return this.#uppy
      .getFiles()
      .filter(
        ({ id, progress, error, isGhost }) =>
          progress.uploadStarted && !progress.uploadComplete && !isGhost && (!error || this.#failed.has(id)),
      )
  }

  /** Starts or stops watching the connection. Call it after every change of the files. */
  update(): void {
    const isSending = this.active().some(({ id, isPaused }) => !isPaused || this.#paused.has(id))
    if (isSending) {
      this.#unwatch ??= watchConnection(() => this.#resume())
      if (connectionProblem.value) this.#pause()
    } else if (this.#unwatch) {
      this.#unwatch()
      this.#unwatch = undefined
    }
  }

  /** @returns whether a failed file is retried when the connection is back */
  async willRetry(id: string): Promise<boolean> {
    this.#failed.add(id)
    this.update()
    await checkConnection()
    if (connectionProblem.value) return true
    this.#failed.delete(id)
    this.update()
    return false
  }

  #pause(): void {
    for (const { id, error } of this.active()) {
      // Get the file again: pausing one calls update(), which pauses the others.
      if (error || this.#uppy.getFile(id).isPaused) continue
      this.#paused.add(id)
      this.#uppy.pauseResume(id)
    }
  }

  #resume(): void {
    const files = this.active()
    for (const { id, isPaused } of files) if (isPaused && this.#paused.has(id)) this.#uppy.pauseResume(id)
    this.#paused.clear()
    for (const { id } of files) if (this.#failed.delete(id)) void this.#uppy.retryUpload(id)
  }
}
