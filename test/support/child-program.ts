import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { atExit } from './at-exit.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildProgram<Ready> {
  readonly pid: number
  /** What the line that said "ready" told. */
  readonly ready: Ready
  /** Lines of stdout and stderr, as they come. */
  readonly output: readonly string[]
  /** Fulfils when the process has ended, however it did. */
  readonly exited: Promise<Exit>
  running(): boolean
  /** Sends the signal, if it still runs, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit>
}

interface ChildProgramOptions<Ready> {
  readonly command: string
  readonly args: readonly string[]
  readonly spawn?: Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>
  /** Looks at each line of output; the program is up once this returns something. */
  readonly ready: (line: string) => Ready | undefined
  /** How it is ended where this process ends first. 'SIGKILL' also ends whatever it has started. */
  readonly lastSignal: 'SIGKILL' | 'SIGQUIT' | 'SIGTERM'
  readonly onLine?: (line: string) => void
}

/** Seconds for a start, or an orderly end. Neither takes near as long: what does is stuck. */
const PATIENCE = 120
const LAST_LINES = 40

/**
 * Starts a program and waits until it says that it is ready. It ends with this process at the latest.
 * @throws Error with its last output where it ends, or says nothing for two minutes, instead.
 */
export async function startChildProgram<Ready>(
  options: ChildProgramOptions<Ready>,
): Promise<ChildProgram<Ready>> {
  const { command, args, lastSignal } = options
  const name = [command, ...args].join(' ')
  const output: string[] = []
  const lastOutput = () => output.slice(-LAST_LINES).join('\n')

  // A process group of its own, so that the programs which it starts can be ended with it.
  const child = spawn(command, args, { ...options.spawn, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const cancel = atExit(() => signalQuietly(lastSignal === 'SIGKILL' ? -child.pid! : child.pid!, lastSignal))
  const exited = once(child, 'exit').then(([code, signal]): Exit => ({ code, signal }))
  const closed = once(child, 'close')
  exited.then(
    // What it had started may outlive a program that was killed, and is then ended with this process still.
    exit => (lastSignal !== 'SIGKILL' || exit.signal === null) && cancel(),
    cancel,
  )
  closed.catch(() => {})

  const ready = Promise.withResolvers<Ready>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => {
      output.push(line)
      options.onLine?.(line)
      const found = options.ready(line)
      if (found !== undefined) ready.resolve(found)
    })
  }
  exited.catch(cause => ready.reject(new Error(`${name} could not be started`, { cause })))
  closed.then(
    () => ready.reject(new Error(`${name} ended before it was ready:\n${lastOutput()}`)),
    () => {},
  )
  const running = () => child.exitCode === null && child.signalCode === null

  async function end(signal: NodeJS.Signals): Promise<Exit> {
    if (running()) child.kill(signal)
    // A program that was killed leaves children behind, which may hold its output open.
    await within<unknown>(
      signal === 'SIGKILL' ? exited : closed,
      () => `${name} had not ended ${PATIENCE} s after ${signal}:\n${lastOutput()}`,
    )
    return exited
  }

  const up = await within(
    ready.promise,
    () => `${name} was not ready after ${PATIENCE} s:\n${lastOutput()}`,
  ).catch(error => {
    if (running()) child.kill('SIGKILL')
    throw error
  })
  return { pid: child.pid!, ready: up, output, exited, running, end }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}

async function within<T>(promise: Promise<T>, complaint: () => string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(complaint())), PATIENCE * 1000)
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer))
}
