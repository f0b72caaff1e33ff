import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import {
  ENDS_WITH_WORKER,
  type Findings,
  findAbilities,
  type Limits,
  LOW_PRIORITY,
  type SandboxAbilities,
  type UlimitOption,
  ulimits,
} from './sandbox-abilities.ts'
import { makeSandboxDirectory } from './sandbox-directories.ts'
import { removeStrangeFiles } from './sandbox-leavings.ts'
import { rootScript, type Visible } from './sandbox-root.ts'
import { hasFileOf, SandboxWatch } from './sandbox-watch.ts'
import { findProgram, searchPath } from './search-path.ts'
import { lowerSessionPriority, NICENESS } from './session-priority.ts'
import { Throttle, type TickReader } from './throttle.ts'

export type { Limits, SandboxAbilities } from './sandbox-abilities.ts'

/** How to run a program that reads untrusted files and may be taken over by one. */
export interface Confinement extends Partial<Visible> {
  readonly limits: Limits
  /** `NICENESS.media` if undefined. */
  readonly niceness?: number
  /** If present, the program pauses while others need the processors, unless it could outlive this process: it might stay paused for ever. */
  readonly pausesBy?: TickReader
  readonly signal: AbortSignal
  readonly onStdout?: (chunk: Buffer) => void
  readonly onStderr?: (chunk: Buffer) => void
}

type Confined = Confinement & Visible & { readonly niceness: number }

export interface Ending {
  /** Exit code; undefined if a signal ended it. */
  readonly code: number | undefined
  readonly signal: NodeJS.Signals | undefined
  /** Whether the confinement was set up and the program began. If not, `code` is not the program's. */
  readonly begun: boolean
  /** Whether it was ended by the limit of time. */
  readonly timedOut: boolean
  /** Whether it reached the limit of a file's size, or was ended because of too many processes or too much output. */
  readonly excessive: boolean
  /** Whether a directory that it writes to was full at some time. */
  readonly noRoom: boolean
  /** Names in these directories that were no ordinary files and were removed. Media programs create none. */
  readonly strange: readonly string[]
}

/** Finds out once which measures work on this system. If some are missing, the others still apply. */
export async function sandboxAbilities(): Promise<SandboxAbilities> {
  const { present, missing } = await findAbilities()
  return { present, missing }
}

/** The measures that a program needs to be paused. */
const PAUSING = [LOW_PRIORITY, ENDS_WITH_WORKER]

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach(end))

/**
 * Runs a program within limits and hides as much of this machine as the system allows: by default, the program can read only the system's
 * programs. When it returns, the whole process group has ended.
 * @throws the signal's reason if that ended it; ProgramMissingError; a system error if the program cannot be started.
 */
export async function runConfined(command: readonly string[], confinement: Confinement): Promise<Ending> {
  const { limits, signal } = confinement
  findProgram(command[0]!)
  const findings = await findAbilities()
  const directory = makeSandboxDirectory()
  const visible = {
    reads: (confinement.reads ?? []).map(path => resolve(path)),
    writes: (confinement.writes ?? []).map(path => resolve(path)),
    libraries: (confinement.libraries ?? []).map(path => resolve(path)),
  }
  try {
    await refuseLinks(visible)
    signal.throwIfAborted()
    const confined = { niceness: NICENESS.media, ...confinement, ...visible }
    const ending = await runIn(directory, confine(directory, command, confined, findings), {
      ...confined,
      ownRoot: findings.ownRoot,
      canPause: PAUSING.every(name => findings.present.includes(name)),
    })
    const strange = (await Promise.all(visible.writes.map(removeStrangeFiles))).flat()
    signal.throwIfAborted()
    return {
      ...ending,
      excessive: ending.excessive || visible.writes.some(path => hasFileOf(path, limits.fileSize)),
      strange,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A mount follows links, so a link could make any file of this machine visible. */
async function refuseLinks({ reads, writes, libraries }: Visible): Promise<void> {
  for (const path of [...reads, ...writes, ...libraries]) {
    if ((await lstat(path)).isSymbolicLink()) throw new Error(`${path} is a symbolic link.`)
  }
}

/** The command that sets up the confinement and then executes `command`. Just before, it writes a line to descriptor 3. */
function confine(
  directory: string,
  command: readonly string[],
  { niceness, limits, ...visible }: Confined,
  { launcher, limits: settable, ownRoot, processLimit }: Findings,
): string[] {
  // Setting up the root writes a file, so this limit comes later.
  const isInner = ([option]: UlimitOption) => option === '-f'
  const [inner, outer] = [settable.filter(isInner), settable.filter(limit => !isInner(limit))]
  const begin = [
    'unset OLDPWD',
    'export HOME="$PWD" TMPDIR="$PWD"',
    ...[...inner, ...(ownRoot && processLimit ? [processLimit] : [])].map(limit => ulimits([limit], limits)),
    'echo begun >&3',
    // `unshare` of util-linux 2.38 hides that SIGKILL ended a program, so a shell reports it.
    ownRoot ? '{ "$@" 3>&-; echo "ended $?" >&3; }' : 'exec "$@" 3>&-',
  ].join(' && ')
  const root = ownRoot ? ['sh', '-c', rootScript(directory, command[0]!, visible), 'sh'] : []
  const set = outer.length > 0 ? `${ulimits(outer, limits)} && ` : ''
  const launch = [...launcher(niceness), ...root]
  return ['sh', '-c', `${set}exec "$@"`, 'sh', ...launch, 'sh', '-c', begin, 'sh', ...command]
}

/** Not our own environment, which contains passwords. The C library reserves 64 MiB of address space for each arena: two are enough. */
function environment() {
  return { PATH: searchPath(), LC_ALL: 'C', MALLOC_ARENA_MAX: '2' }
}

async function runIn(
  cwd: string,
  [program, ...args]: string[],
  {
    limits,
    niceness,
    pausesBy,
    canPause,
    signal,
    onStdout,
    onStderr,
    writes,
    ownRoot,
  }: Confined & Pick<Findings, 'ownRoot'> & { readonly canPause: boolean },
): Promise<Omit<Ending, 'strange'>> {
  // `detached` gives it a session and a process group of its own, so that `end` reaches all of its processes.
  const child = spawn(program!, args, {
    cwd,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  lowerSessionPriority(child, niceness)
  const throttle = pausesBy && canPause ? new Throttle(child, pausesBy) : undefined
  let [report, timedOut, excessive] = ['', false, false]
  child.stdout!.on('data', (chunk: Buffer) => onStdout?.(chunk))
  child.stderr!.on('data', (chunk: Buffer) => onStderr?.(chunk))
  ;(child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    report += chunk
  })
  const abort = () => end(child)
  signal.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(
    () => {
      timedOut = true
      end(child)
    },
    Math.min(limits.seconds * 1000, 2 ** 31 - 1),
  )
  const watch = new SandboxWatch({
    pid: child.pid ?? 0,
    writes,
    maxBytes: 2 * limits.fileSize,
    onExcess: () => {
      excessive = true
      end(child)
    },
  })
  try {
    const [code, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    watch.end()
    return {
      ...readEnding(report, code ?? undefined, by ?? undefined, ownRoot),
      timedOut,
      excessive,
      noRoom: watch.noRoom,
    }
  } finally {
    watch.end()
    throttle?.end()
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    running.delete(child)
  }
}

/** @param report the lines from descriptor 3. */
function readEnding(
  report: string,
  code: number | undefined,
  signal: NodeJS.Signals | undefined,
  ownRoot: boolean,
): Pick<Ending, 'begun' | 'code' | 'signal'> {
  const begun = report.startsWith('begun')
  if (!ownRoot || !begun || signal) return { begun, code, signal }
  const status = /^ended (\d+)$/m.exec(report)?.[1]
  // The shell itself was killed.
  if (status === undefined) return { begun, code: undefined, signal: 'SIGKILL' }
  const by = SIGNALS.get(Number(status))
  return { begun, code: by ? undefined : Number(status), signal: by }
}

/** A shell's exit codes for programs that a signal ended (POSIX, Shell Command Language §2.8.2). */
const SIGNALS = new Map(
  Object.entries(constants.signals).map(([name, number]) => [128 + number, name as NodeJS.Signals]),
)

function end({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has already ended.
  }
}
