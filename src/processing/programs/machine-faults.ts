import { readFileSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDatabaseUnavailable, MachineFault, type MachineFaultCode } from '../../base/errors.ts'
import { type Ending, runConfined } from './sandbox.ts'
import { hasNoRoom } from './sandbox-watch.ts'
import { ProgramMissingError } from './search-path.ts'

/** errno(3). */
const BY_ERRNO: Readonly<Record<string, MachineFaultCode>> = {
  ENOSPC: 'storage_full',
  EDQUOT: 'storage_full',
  EROFS: 'storage_unusable',
  EACCES: 'storage_unusable',
  EPERM: 'storage_unusable',
  EIO: 'storage_unusable',
  ESTALE: 'storage_unusable',
  ENODEV: 'storage_unusable',
  ENXIO: 'storage_unusable',
  ENOTDIR: 'storage_unusable',
  ENOMEM: 'out_of_memory',
  EAGAIN: 'out_of_processes',
  EMFILE: 'out_of_processes',
  ENFILE: 'out_of_processes',
}

/** @returns the fault of the machine that caused an error of a system call or the database; undefined if there is none. */
export function machineFault(error: unknown): MachineFault | undefined {
  if (error instanceof MachineFault) return error
  if (error instanceof ProgramMissingError) return new MachineFault('ffmpeg_missing', error)
  if (isDatabaseUnavailable(error)) return new MachineFault('database_unavailable', error)
  const { code = '' } = (error ?? {}) as NodeJS.ErrnoException
  const fault = BY_ERRNO[code]
  return fault && new MachineFault(fault, error)
}

/** Signals of a crash, which the file may have caused. */
const CRASHES: readonly string[] = [
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGTRAP',
  'SIGSYS',
  'SIGXFSZ',
]
/** ffmpeg's exit code after SIGTERM and SIGINT (`received_nb_signals` in fftools/ffmpeg.c). */
const ENDED_BY_REQUEST_CODE = 255
/** POSIX, Shell Command Language §2.8.2: not found, not executable. */
const NOT_RUN: readonly (number | undefined)[] = [126, 127]

/**
 * Decides whether the machine caused the failure of a media program, by how the program ended, by the disk, and by whether ffmpeg can run a
 * trivial command in the same directories now. The program's messages do not count, because a file can make it print anything.
 * @param writes the directories that the program wrote to.
 * @param detail for the log.
 */
export async function faultBehind(
  ending: Ending,
  writes: readonly string[],
  signal: AbortSignal,
  detail: string,
): Promise<MachineFault | undefined> {
  const fault = (code: MachineFaultCode) => new MachineFault(code, new Error(detail))
  if (ending.excessive) return undefined
  if (ending.noRoom) return fault('storage_full')
  const untouched = !ending.timedOut
  if (untouched && ending.begun && NOT_RUN.includes(ending.code)) return fault('ffmpeg_missing')
  const killed = ending.signal !== undefined && !CRASHES.includes(ending.signal)
  if (untouched && (killed || (ending.begun && ending.code === ENDED_BY_REQUEST_CODE))) return fault('killed')
  if (untouched && !ending.begun) return (await faultOf(writes)) ?? fault('sandbox_failed')
  return (await faultOf(writes)) ?? (await faultOfFfmpeg(writes, signal))
}

/** @returns the fault of directories that a worker must write to; undefined if they are fine. */
export async function faultOf(directories: readonly string[]): Promise<MachineFault | undefined> {
  for (const directory of directories) {
    if (hasNoRoom(directory)) return new MachineFault('storage_full', new Error(`${directory} is full`))
    const fault = await tryToWrite(directory)
    if (fault) return fault
  }
  return isOvercommitted() ? new MachineFault('out_of_memory') : undefined
}

/** A quota does not show in the file system's free space; only a write finds it. */
const TRIAL_BYTES = 256 * 1024

async function tryToWrite(directory: string): Promise<MachineFault | undefined> {
  const path = join(directory, '.trial')
  try {
    const file = await open(path, 'w', 0o600)
    try {
      await file.writeFile(Buffer.alloc(TRIAL_BYTES))
    } finally {
      await file.close()
    }
  } catch (error) {
    return machineFault(error) ?? new MachineFault('storage_unusable', error)
  } finally {
    await rm(path, { force: true }).catch(() => {})
  }
  return undefined
}

/** Memory that a media program may need. */
const NEEDED_BYTES = 512 * 2 ** 20

/**
 * Whether this machine would refuse memory because others reserved it (proc(5), `/proc/sys/vm/overcommit_memory`, 2). In the other modes
 * Linux grants all memory and kills a process when it runs out.
 */
function isOvercommitted(): boolean {
  try {
    if (readFileSync('/proc/sys/vm/overcommit_memory', 'utf8').trim() !== '2') return false
    const field = (name: string) =>
      1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
    return field('CommitLimit') - field('Committed_AS') < NEEDED_BYTES
  } catch {
    return false
  }
}

/** It takes a tenth of a second on an idle machine. */
const CONTROL_TIMEOUT_S = 60
/** Writes one picture of 640 × 480 in plain bytes, 450 KiB. */
const CONTROL = [
  ...['ffmpeg', '-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'color=gray:size=640x480:rate=1'],
  ...['-frames:v', '1', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-y'],
]

/** Runs a trivial ffmpeg command. @returns the fault if it fails. */
export async function faultOfFfmpeg(
  writes: readonly string[],
  signal: AbortSignal,
): Promise<MachineFault | undefined> {
  const [directory] = writes
  const target = directory === undefined ? '-' : `file:${join(directory, '.control')}`
  const messages: Buffer[] = []
  try {
    const ending = await runConfined([...CONTROL, target], {
      limits: { seconds: CONTROL_TIMEOUT_S, memory: 256 * 2 ** 20, fileSize: 2 ** 20 },
      signal,
      writes,
      onStderr: chunk => messages.push(chunk),
    })
    if (ending.code === 0) return undefined
    const cause = new Error(Buffer.concat(messages).toString().slice(-1000))
    if (ending.noRoom) return new MachineFault('storage_full', cause)
    if (!ending.begun) return new MachineFault('sandbox_failed', cause)
    return new MachineFault(NOT_RUN.includes(ending.code) ? 'ffmpeg_missing' : 'ffmpeg_broken', cause)
  } catch (error) {
    signal.throwIfAborted()
    return machineFault(error) ?? new MachineFault('sandbox_failed', error)
  } finally {
    if (directory !== undefined) await rm(join(directory, '.control'), { force: true })
  }
}
