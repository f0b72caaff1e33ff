import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Limits {
  /** Seconds by the clock. */
  readonly seconds: number
  /** Bytes of memory of its own. */
  readonly memory: number
  /** Bytes of each file that is written. */
  readonly fileSize: number
}

/** What a program is run with that nobody trusts to stay harmless, because it reads what strangers made. */
export interface Confinement {
  readonly limits: Limits
  readonly signal: AbortSignal
  readonly onStdout?: (chunk: Buffer) => void
  readonly onStderr?: (chunk: Buffer) => void
}

export interface Ending {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined
  readonly signal: NodeJS.Signals | undefined
  /** Whether it was ended because its time was over. */
  readonly timedOut: boolean
}

/** What this system offers to confine a program with, and what it does not. */
export interface SandboxAbilities {
  readonly present: readonly string[]
  readonly missing: readonly string[]
}

type Measure = { readonly name: string } & (
  | {
      /** A command that runs another one. */
      readonly launcher: readonly string[]
      readonly limit?: undefined
    }
  | {
      /** An option of the shell's `ulimit` (POSIX; these by all shells), and its value. */
      readonly limit: readonly [option: string, value: (limits: Limits) => number]
      readonly launcher?: undefined
    }
)

/**
 * In the order in which they take effect: a death signal is forgotten where the user changes behind it.
 * Root takes a network namespace without one of users: in that, it could no longer read what other users own.
 */
const MEASURES: readonly Measure[] = [
  { name: 'no network', launcher: ['unshare', process.getuid?.() === 0 ? '-n' : '-rn'] },
  { name: 'ends with the worker', launcher: ['setpriv', '--pdeathsig', 'KILL'] },
  { name: 'no new privileges', launcher: ['setpriv', '--nnp'] },
  { name: 'low priority', launcher: ['nice', '-n', '10'] },
  { name: 'low priority of input and output', launcher: ['ionice', '-c', '2', '-n', '7'] },
  // Linux counts what is written to and not shared, threads' stacks and all: it is about what is taken, other than address space.
  { name: 'memory limit', limit: ['-d', ({ memory }) => Math.ceil(memory / 1024)] },
  { name: 'address space limit', limit: ['-v', ({ memory }) => Math.ceil((4 * memory) / 1024)] },
  { name: 'small stacks', limit: ['-s', () => 2048] },
  { name: 'file size limit', limit: ['-f', ({ fileSize }) => Math.ceil(fileSize / 512)] },
  // For one that nobody is left to end: as long as somebody is, the clock comes first.
  {
    name: 'processor time limit',
    limit: ['-t', ({ seconds }) => Math.ceil(seconds * availableParallelism())],
  },
  { name: 'no core dump', limit: ['-c', () => 0] },
]

const ANY_LIMITS: Limits = { seconds: 60, memory: 2 ** 31, fileSize: 2 ** 30 }

interface Findings extends SandboxAbilities {
  readonly launcher: readonly string[]
  readonly limits: readonly NonNullable<Measure['limit']>[]
}

let findings: Promise<Findings> | undefined

/** Finds out, once, what this system offers. Where something is missing, the rest still applies. */
export async function sandboxAbilities(): Promise<SandboxAbilities> {
  findings ??= tryMeasures()
  const { present, missing } = await findings
  return { present, missing }
}

async function tryMeasures(): Promise<Findings> {
  const works = await tryCommands(
    MEASURES.map(({ launcher, limit }) =>
      limit ? shell([limit], ANY_LIMITS, ['true']) : [...launcher, 'true'],
    ),
  )
  const found = MEASURES.filter((_, index) => works[index])
  return {
    launcher: found.flatMap(({ launcher }) => launcher ?? []),
    limits: found.flatMap(({ limit }) => (limit ? [limit] : [])),
    present: found.map(({ name }) => name),
    missing: MEASURES.filter((_, index) => !works[index]).map(({ name }) => name),
  }
}

/** Whether each of the commands ends well. One shell runs them all: to fork this process, which is large, takes far longer. */
async function tryCommands(commands: readonly (readonly string[])[]): Promise<boolean[]> {
  const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
  const lines = commands.map(words => `${words.map(quote).join(' ')} >&2 && echo yes || echo no`)
  const { stdout = '' } = await promisify(execFile)('sh', ['-c', lines.join('\n')], {
    timeout: 30_000,
  }).catch((error: { stdout?: string }) => error)
  const answers = stdout.split('\n')
  return commands.map((_, index) => answers[index] === 'yes')
}

/**
 * A command that sets limits, empties the environment (this process' holds passwords) and becomes another one, no word of which the
 * shell reads. The C library reserves 64 MiB of address space for each of a program's arenas: it gets few.
 */
function shell(limits: Findings['limits'], values: Limits, command: readonly string[]): string[] {
  const lines = limits.map(([option, value]) => `ulimit ${option} ${value(values)}`)
  const environment = 'PATH="$PATH" HOME="$PWD" TMPDIR="$PWD" LC_ALL=C MALLOC_ARENA_MAX=2'
  return ['sh', '-c', [...lines, `exec env -i ${environment} "$@"`].join(' && '), 'sh', ...command]
}

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach(end))

/**
 * Runs a program within limits, in a directory of its own that is gone afterwards, cut off from whatever this system can cut it off
 * from. @throws the signal's reason where that ended it. Its whole process group has ended then, and in every other case.
 */
export async function runConfined(
  command: readonly string[],
  { limits, signal, onStdout, onStderr }: Confinement,
): Promise<Ending> {
  findings ??= tryMeasures()
  const { launcher, limits: settable } = await findings
  const directory = await mkdtemp(join(tmpdir(), 'longtake-'))
  try {
    signal.throwIfAborted()
    const [program, ...args] = [...launcher, ...shell(settable, limits, command)]
    // Detached is: with a process group of its own.
    const child = spawn(program!, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    running.add(child)
    child.stdout.on('data', (chunk: Buffer) => onStdout?.(chunk))
    child.stderr.on('data', (chunk: Buffer) => onStderr?.(chunk))
    const abort = () => end(child)
    signal.addEventListener('abort', abort, { once: true })
    let timedOut = false
    const timer = setTimeout(
      () => {
        timedOut = true
        end(child)
      },
      Math.min(limits.seconds * 1000, 2 ** 31 - 1),
    )
    try {
      const [code, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
      signal.throwIfAborted()
      return { code: code ?? undefined, signal: by ?? undefined, timedOut }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      running.delete(child)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function end({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended just now.
  }
}
