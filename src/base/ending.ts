import { constants } from 'node:os'
import type { Logger } from 'pino'
import { Stops } from './stops.ts'

/** The process ends after this time even if something has not stopped. */
const STOP_TIMEOUT_MS = 15_000
/** The same for a stop during the start, which has not acknowledged anything yet. */
const START_STOP_TIMEOUT_MS = 2000
/** A shell, npm or a supervisor may send a signal twice: signals within this time count as one. */
const SAME_SIGNAL_MS = 1000

/**
 * Stops this process at SIGINT and SIGTERM.
 *
 * - The first signal stops what has started. The exit code is 0; it is 1 if a part cannot be stopped, unless the start was not over.
 * - A later signal ends the process at once, with an exit code of 128 and the number of the signal.
 */
export class Ending {
  /** The parts that have started. */
  readonly stops = new Stops()
  log: Logger | undefined
  hasStarted = false
  #signalAtMs: number | undefined

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, signal => this.#onSignal(signal))
  }

  get isStopping(): boolean {
    return this.#signalAtMs !== undefined
  }

  #onSignal(signal: NodeJS.Signals): void {
    const nowMs = performance.now()
    if (this.#signalAtMs !== undefined) {
      if (nowMs - this.#signalAtMs > SAME_SIGNAL_MS) process.exit(128 + constants.signals[signal])
      return
    }
    this.#signalAtMs = nowMs
    this.log?.info({ signal }, 'stopping')
    if (this.hasStarted) this.#stop()
    else this.#stopStart()
  }

  #stop(): void {
    const fail = (details: object, message: string) => {
      this.log?.error(details, message)
      process.exit(1)
    }
    const late = () => fail({ waiting_for: this.stops.stopping }, 'the stop took too long')
    setTimeout(late, STOP_TIMEOUT_MS).unref()
    this.stops.stopAll().then(
      () => process.exit(0),
      err => fail({ err }, 'the stop failed'),
    )
  }

  #stopStart(): void {
    const exit = () => process.exit(0)
    setTimeout(exit, START_STOP_TIMEOUT_MS).unref()
    this.stops.stopAll().then(exit, exit)
  }
}
