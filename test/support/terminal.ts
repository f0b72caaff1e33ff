import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { atExit } from './at-exit.ts'
import { until } from './until.ts'

export interface TerminalProgram {
  /** What the terminal shows so far, without control sequences. */
  readonly shown: () => string
  /** The exit code of `script`, which is the command's. */
  readonly exit: Promise<number | null>
  /** Types keys. */
  type(keys: string): void
  /** Waits until the terminal shows a text. */
  showing(text: string | RegExp): Promise<void>
}

export interface TerminalOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly columns?: number
}

/** Runs a shell command at a pseudo terminal, by `script` of util-linux. It ends with this process at the latest. */
export function runAtTerminal(
  command: string,
  { env, cwd, columns = 100 }: TerminalOptions = {},
): TerminalProgram {
  const sized = `stty cols ${columns} rows 40; ${command}`
  const child: ChildProcess = spawn('script', ['-qefc', sized, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // `script` ends its command when it is ended.
  const cancel = atExit(() => child.kill('SIGTERM'))
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', data => (output += data))
  const exit = once(child, 'close').then(([code]) => {
    cancel()
    return code
  })
  const shown = () => stripVTControlCharacters(output).replaceAll('\r\n', '\n')
  return {
    shown,
    exit,
    type: keys => void child.stdin!.write(keys),
    async showing(text) {
      await until(() => (typeof text === 'string' ? shown().includes(text) : text.test(shown())), {
        timeout: 60_000,
      }).catch(error => {
        throw new Error(`The terminal never showed ${text}, but:\n${shown()}`, { cause: error })
      })
    },
  }
}
