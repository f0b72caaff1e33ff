/** The state of a file, as far as the plan depends on it. */
export interface FileState {
  readonly id: string
  /** Whether the file should be sent: it is there, incomplete, and neither paused, cancelled nor failed. */
  readonly isWanted: boolean
  /** Whether an upload of this tab exists for it. It can be paused. */
  readonly isLaunched: boolean
  readonly isPaused: boolean
}

export interface Plan {
  readonly launch: readonly string[]
  readonly resume: readonly string[]
  readonly pause: readonly string[]
}

/**
 * Decides which uploads to start, resume and pause. The order of the files is the order of the queue, except that a running upload keeps
 * running.
 * @param limit number of uploads at the same time; 0 while the connection is lost
 */
export function plan(files: readonly FileState[], limit: number): Plan {
  const isRunning = ({ isLaunched, isPaused }: FileState) => isLaunched && !isPaused
  const running = files.filter(isRunning)
  const kept = running.filter(({ isWanted }) => isWanted).slice(0, limit)
  const pause = running.filter(file => !kept.includes(file))
  const next = files.filter(file => file.isWanted && !isRunning(file)).slice(0, limit - kept.length)
  return {
    launch: next.filter(({ isLaunched }) => !isLaunched).map(({ id }) => id),
    resume: next.filter(({ isLaunched }) => isLaunched).map(({ id }) => id),
    pause: pause.map(({ id }) => id),
  }
}
