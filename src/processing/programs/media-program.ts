import { MachineFault } from '../../base/errors.ts'
import { machineFault } from './machine-faults.ts'
import { type Confinement, type Ending, runConfined } from './sandbox.ts'

/** Characters of a line that are kept: a file's own tags can have any length. */
export const MAX_LINE_LENGTH = 1000
/** Characters of a line that has not ended yet. */
const MAX_OPEN_LINE_LENGTH = 10_000

export interface RunOptions {
  readonly signal: AbortSignal
  /** Called about twice a second with the seconds of media that are done. */
  readonly onTime?: (seconds: number) => void
}

/** Runs ffmpeg or ffprobe in the sandbox. @throws MachineFault if it cannot even be started; the signal's reason. */
export async function runProgram(command: readonly string[], confinement: Confinement): Promise<Ending> {
  try {
    return await runConfined(command, confinement)
  } catch (error) {
    confinement.signal.throwIfAborted()
    throw machineFault(error) ?? new MachineFault('storage_unusable', error)
  }
}

/** How a program ended, for the log. */
export function describeEnding({ code, signal, timedOut, excessive, strange }: Ending): string {
  if (strange.length > 0) return `left something other than ordinary files: ${strange.join(', ')}`
  if (timedOut) return 'ended by its time limit'
  if (excessive) return 'ended by its limit of processes or output'
  return signal ? `ended by ${signal}` : `ended with exit code ${code}`
}

/** Splits output into lines. They end with a line feed or, where ffmpeg overwrites its last line, with a carriage return. */
export function byLine(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = ''
  return chunk => {
    const lines = (rest + chunk.toString('latin1')).split(/[\r\n]+/)
    rest = lines.pop()!.slice(-MAX_OPEN_LINE_LENGTH)
    for (const line of lines) if (line !== '') onLine(line)
  }
}
