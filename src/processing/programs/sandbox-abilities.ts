import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { makeSandboxDirectory } from './sandbox-directories.ts'
import { HAS_OWN_PID_MAX, MAX_PROCESSES, quote, rootScript } from './sandbox-root.ts'
import { canLowerSessions, HAS_AUTOGROUPS, NICENESS } from './session-priority.ts'

export interface Limits {
  /** Seconds by the clock. */
  readonly seconds: number
  /** Bytes of private memory. */
  readonly memory: number
  /** Bytes of each file that it writes. */
  readonly fileSize: number
}

/** The measures of confinement that work on this system, and those that do not. */
export interface SandboxAbilities {
  readonly present: readonly string[]
  readonly missing: readonly string[]
}

export type UlimitOption = readonly [option: string, value: (limits: Limits) => number]

/** @returns a command that runs another command. */
type Launcher = (niceness: number) => readonly string[]

type Measure = { readonly name: string } & (
  | {
      /** The first that works is used. */
      readonly launchers: readonly Launcher[]
      readonly limits?: undefined
    }
  | {
      /** Options of the shell's `ulimit`, and their value. The first that works is used. */
      readonly limits: readonly UlimitOption[]
      readonly launchers?: undefined
    }
)

export const LOW_PRIORITY = 'low priority'
export const ENDS_WITH_WORKER = 'ends with the worker'

/** Before the namespaces, in this order. */
const OUTER: readonly Measure[] = [
  { name: LOW_PRIORITY, launchers: [niceness => ['nice', '-n', String(niceness)]] },
  { name: 'low priority of input and output', launchers: [() => ['ionice', '-c', '2', '-n', '7']] },
  // Linux counts private writable memory, thread stacks included: the memory in use, as opposed to address space.
  { name: 'memory limit', limits: [['-d', ({ memory }) => Math.ceil(memory / 1024)]] },
  { name: 'address space limit', limits: [['-v', ({ memory }) => Math.ceil((4 * memory) / 1024)]] },
  { name: 'small stacks', limits: [['-s', () => 2048]] },
  { name: 'file size limit', limits: [['-f', ({ fileSize }) => Math.ceil(fileSize / 512)]] },
  // For a program that outlives this process; before that, the limit of real time applies.
  {
    name: 'processor time limit',
    limits: [['-t', ({ seconds }) => Math.ceil(seconds * availableParallelism())]],
  },
  { name: 'no core dump', limits: [['-c', () => 0]] },
]

/**
 * For systems without `HAS_OWN_PID_MAX`. Inside a user namespace the limit counts the processes of that namespace alone; outside, it
 * would count all of the user's. It does not bind root. dash and BusyBox name the option `-p`, bash `-u`.
 */
const PROCESS_LIMITS: readonly UlimitOption[] = [
  ['-p', () => MAX_PROCESSES],
  ['-u', () => MAX_PROCESSES],
]

/** Enters a user namespace, then asks to be killed with this process: a change of user would cancel that request. */
const ENTER = ['unshare', '-r', 'setpriv', '--pdeathsig', 'KILL']
/** Killing the outer `unshare` kills the first process inside, and the kernel then kills all others inside. */
const NAMESPACES = ['unshare', '-m', '-n', '-p', '-i', '-u', '--fork', '--kill-child']

/** Weaker measures, each by itself, for systems that refuse the namespaces. The order matters as in `ENTER`. */
const FALLBACKS: readonly Measure[] = [
  {
    name: 'no network',
    launchers: [() => ['unshare', '-rn'], () => ['unshare', '-n']],
  },
  { name: ENDS_WITH_WORKER, launchers: [() => ['setpriv', '--pdeathsig', 'KILL']] },
  { name: 'no new privileges', launchers: [() => ['setpriv', '--nnp']] },
]

export interface Findings extends SandboxAbilities {
  readonly launcher: Launcher
  readonly limits: readonly UlimitOption[]
  /** Whether `rootScript` works here; its launcher enters the namespaces. */
  readonly ownRoot: boolean
  readonly processLimit: UlimitOption | undefined
}

let findings: Promise<Findings> | undefined

/** Finds out once which measures work on this system. If some are missing, the others still apply. */
export function findAbilities(): Promise<Findings> {
  findings ??= tryMeasures()
  return findings
}

const ANY_LIMITS: Limits = { seconds: 60, memory: 2 ** 31, fileSize: 2 ** 30 }
const WITHIN = ['own files', 'own processes', 'own IPC', 'no capabilities']
const LOW_SESSION_PRIORITY = 'low priority of the session'

async function tryMeasures(): Promise<Findings> {
  const [ownRoot, lowersSessions] = await Promise.all([canUseOwnRoot(), canLowerSessions()])
  const measures = [...OUTER, ...(ownRoot ? [] : FALLBACKS)]
  const attempts = measures.flatMap(({ name, launchers, limits }) => [
    ...(launchers ?? []).map(launcher => ({
      name,
      launcher,
      command: [...launcher(NICENESS.media), 'true'],
    })),
    ...(limits ?? []).map(limit => ({ name, limit, command: limited([limit]) })),
  ])
  const processes = PROCESS_LIMITS.map(limit => limited([limit]))
  const works = await tryCommands([...attempts.map(({ command }) => command), ...processes])
  const found = attempts.filter(({ name }, index) => {
    const first = attempts.findIndex((other, at) => other.name === name && works[at])
    return index === first
  })
  const processLimit = PROCESS_LIMITS.find((_, index) => works[attempts.length + index])
  const bindsProcesses = processLimit !== undefined && process.getuid?.() !== 0
  const whole = [
    ...WITHIN,
    'process limit',
    ...FALLBACKS.map(({ name }) => name),
    ...OUTER.map(({ name }) => name),
    ...(HAS_AUTOGROUPS ? [LOW_SESSION_PRIORITY] : []),
  ]
  const present = whole.filter(name => {
    if (name === LOW_SESSION_PRIORITY) return lowersSessions
    if (name === 'process limit') return ownRoot && (HAS_OWN_PID_MAX || bindsProcesses)
    if (WITHIN.includes(name) || (ownRoot && FALLBACKS.some(fallback => fallback.name === name)))
      return ownRoot
    return found.some(attempt => attempt.name === name)
  })
  const launchers = found.flatMap(attempt => ('launcher' in attempt ? [attempt.launcher] : []))
  return {
    launcher: niceness => [
      ...launchers.flatMap(launcher => launcher(niceness)),
      ...(ownRoot ? [...ENTER, ...NAMESPACES] : []),
    ],
    limits: found.flatMap(attempt => ('limit' in attempt ? [attempt.limit] : [])),
    ownRoot,
    processLimit,
    present,
    missing: whole.filter(name => !present.includes(name)),
  }
}

async function canUseOwnRoot(): Promise<boolean> {
  let root: string | undefined
  try {
    root = makeSandboxDirectory()
    const script = rootScript(root, 'true', { reads: [], writes: [], libraries: [] })
    const [works = false] = await tryCommands([[...ENTER, ...NAMESPACES, 'sh', '-c', script, 'sh', 'true']])
    return works
  } catch {
    return false
  } finally {
    if (root) rmSync(root, { recursive: true, force: true })
  }
}

function limited(limits: readonly UlimitOption[]): string[] {
  return ['sh', '-c', ulimits(limits, ANY_LIMITS)]
}

/** Shell commands that set limits, which no later program can raise. */
export function ulimits(limits: readonly UlimitOption[], values: Limits): string {
  return limits.map(([option, value]) => `ulimit ${option} ${value(values)}`).join(' && ')
}

/** Whether each command succeeds. One shell runs them all, because this process is large and slow to fork. */
async function tryCommands(commands: readonly (readonly string[])[]): Promise<boolean[]> {
  const lines = commands.map(words => `${words.map(quote).join(' ')} >&2 && echo yes || echo no`)
  const { stdout = '' } = await promisify(execFile)('sh', ['-c', lines.join('\n')], {
    timeout: 30_000,
  }).catch((error: { stdout?: string }) => error)
  const answers = stdout.split('\n')
  return commands.map((_, index) => answers[index] === 'yes')
}
