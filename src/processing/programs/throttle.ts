import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { descendantsOf } from './descendants.ts'

/** Time between two looks at the machine. */
const LOOK_MS = 100
/** The unit of the times in `/proc` (`USER_HZ`, proc(5)). */
const TICK_MS = 10
/** Share of one processor that a program may use while others need the processors. */
const SHARE = 1 / 4
/** For a look that was late. */
const MAX_PAUSE_MS = 1000
/** Processes of the program. The speech engine has five, of which one computes. */
const MAX_PROCESSES = 16

/** Ticks of processor time (proc(5)). */
export interface Ticks {
  /** Time of programs without a niceness, and of the kernel. */
  readonly urgent: number
  /** Time of all processors, idle or not. */
  readonly all: number
  /** Time of the program with its descendants. */
  readonly own: number
}

/** @param pid of the program. @returns the ticks since any fixed moment. @throws a system error where they are unknown. */
export type TickReader = (pid: number) => Ticks

/**
 * How long a program has to pause, so that it has used a quarter of one processor in the time from its last pause to the end of this one. It
 * pauses only if others leave less than one and a half processors: two processors often share a core, where a program slows down others even
 * if they have a processor left. A program that gets less than its quarter, because of its priority, does not pause.
 * @param used since the last pause. @returns milliseconds; 0 if the program may go on.
 */
export function pauseMs({ urgent, all, own }: Ticks, processors: number): number {
  const isCrowded = (processors * urgent) / Math.max(all, 1) > Math.max(processors - 1.5, 0.25)
  const owedTicks = own / SHARE - all / processors
  return isCrowded ? Math.min(Math.max(TICK_MS * owedTicks, 0), MAX_PAUSE_MS) : 0
}

/**
 * Pauses a program that has a niceness, with its process group, while others keep the machine busy: low priority alone does not prevent
 * that it slows them down. Has no effect on systems without `/proc/stat`.
 */
export class Throttle {
  readonly #program: ChildProcess
  readonly #read: TickReader
  /** Number of the machine's processors, like in `/proc/stat`, whatever this process may use. */
  readonly #processors = cpus().length
  #timer: NodeJS.Timeout | undefined

  /** @param program a child process, spawned with `detached`. */
  constructor(program: ChildProcess, read: TickReader) {
    this.#program = program
    this.#read = read
    this.#run()
  }

  /** Call it when the program has ended. */
  end(): void {
    clearTimeout(this.#timer)
  }

  #run(): void {
    const before = this.#ticks()
    if (before) this.#timer = setTimeout(() => this.#look(before), LOOK_MS)
  }

  #look(before: Ticks): void {
    const now = this.#ticks()
    if (!now) return
    const ms = pauseMs(difference(now, before), this.#processors)
    if (ms === 0) this.#run()
    else if (this.#signal('SIGSTOP')) this.#timer = setTimeout(() => this.#goOn(), ms)
  }

  #goOn(): void {
    if (this.#signal('SIGCONT')) this.#run()
  }

  #ticks(): Ticks | undefined {
    try {
      return this.#read(this.#program.pid!)
    } catch {
      // This system has no such file.
      return undefined
    }
  }

  /** @returns whether the program still runs. */
  #signal(signal: NodeJS.Signals): boolean {
    const { pid, exitCode, signalCode } = this.#program
    // The number of a process that has ended may belong to another one.
    if (pid === undefined || exitCode !== null || signalCode !== null) return false
    try {
      return process.kill(-pid, signal)
    } catch {
      // It has just ended.
      return false
    }
  }
}

function difference(now: Ticks, before: Ticks): Ticks {
  return { urgent: now.urgent - before.urgent, all: now.all - before.all, own: now.own - before.own }
}

/** @param stat the content of `/proc/stat`. @throws a system error on systems without it. */
export function machineTicks(pid: number, stat = readFileSync('/proc/stat', 'utf8')): Ticks {
  const line = stat.slice(0, stat.indexOf('\n'))
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, ...interrupts] = line
    .split(/ +/)
    .slice(1, 9)
    .map(Number)
  const [hard = 0, soft = 0, stolen = 0] = interrupts
  // Programs with a niceness above 0 have the column `nice`.
  const urgent = user + system + hard + soft
  const own = descendantsOf(pid, MAX_PROCESSES).reduce((sum, process) => sum + ticksOf(process), 0)
  return { urgent, all: urgent + nice + idle + waiting + stolen, own }
}

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may contain anything. The times are the fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return 0
  }
}
