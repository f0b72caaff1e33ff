import { printable } from './terminal.ts'
import { UserError } from './user-error.ts'

/** Conventional exit codes: 128 plus the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

class Interrupted extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('Interrupted')
    this.exitCode = exitCode
  }
}

/**
 * Runs a command and ends the process with its exit code. Ctrl-C aborts the signal that the command gets. An error is one sentence on
 * stderr, and the exit code 1.
 */
export async function runCommand(command: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const controller = new AbortController()
  for (const [name, code] of Object.entries(SIGNALS)) {
    // The terminal signals us, and npm then forwards the same signal: only the first counts.
    process.on(name, () => controller.abort(new Interrupted(code)))
  }
  // `| head` closes the pipe early, and nobody reads the rest.
  process.stdout.on('error', error => process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1))
  try {
    process.exit(await command(controller.signal))
  } catch (error) {
    const { reason } = controller.signal
    if (reason instanceof Interrupted) process.exit(reason.exitCode)
    const text = error instanceof UserError ? error.message : `Unexpected error: ${error}`
    process.stderr.write(`${printable(text)}\n`)
    process.exit(1)
  }
}
