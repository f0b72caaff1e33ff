import { type Logger, pino } from 'pino'

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [key: string]: unknown
}

/** A log that keeps its lines, to be read by a test. */
export function recordedLog(): { log: Logger; lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const log = pino({ level: 'trace' }, { write: line => void lines.push(JSON.parse(line)) })
  return { log, lines }
}
