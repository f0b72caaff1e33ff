import { lstatSync, readdirSync, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds between two looks. Most programs end before the first. */
const INTERVAL_MS = 250
/** Processes, not threads. ffmpeg is one. */
const MAX_PROCESSES = 64
const MAX_FILES = 1000
/** A program that finds no room fills the disk to the last block, or leaves a part of one. */
const NO_ROOM_BYTES = 64 * 1024

export interface Watched {
  /** The process that leads the program's group. */
  readonly pid: number
  readonly writes: readonly string[]
  /** Bytes that the directories may hold together. */
  readonly maxBytes: number
  /** Called once, if the program takes more than it may. */
  readonly onExcess: () => void
}

/** Looks from time to time after a running program, for what no limit of the kernel covers. */
export class SandboxWatch {
  /** Whether there was a moment without room in a directory that the program writes to. */
  noRoom = false
  readonly #watched: Watched
  readonly #timer: NodeJS.Timeout

  constructor(watched: Watched) {
    this.#watched = watched
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS)
  }

  /** To be called when the program has ended, before anything that it wrote is removed. */
  end(): void {
    clearInterval(this.#timer)
    this.#lookForRoom()
  }

  #look(): void {
    this.#lookForRoom()
    const { pid, writes, maxBytes, onExcess } = this.#watched
    if (countProcesses(pid) <= MAX_PROCESSES && !writes.some(directory => isFull(directory, maxBytes))) return
    clearInterval(this.#timer)
    onExcess()
  }

  #lookForRoom(): void {
    this.noRoom ||= this.#watched.writes.some(hasNoRoom)
  }
}

/** Whether there is no room for another file of any use. */
export function hasNoRoom(directory: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(directory)
    return bavail * bsize < NO_ROOM_BYTES || (files > 0 && ffree === 0)
  } catch {
    return false
  }
}

function isFull(directory: string, maxBytes: number): boolean {
  const sizes = sizesIn(directory)
  return sizes.length > MAX_FILES || sizes.reduce((sum, size) => sum + size, 0) > maxBytes
}

/** Whether a directory holds a file of so many bytes. A program may catch SIGXFSZ, and its exit code then tells nothing. */
export function hasFileOf(directory: string, bytes: number): boolean {
  return sizesIn(directory).some(size => size >= bytes)
}

function sizesIn(directory: string): number[] {
  try {
    return readdirSync(directory).map(
      name => lstatSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0,
    )
  } catch {
    // It has been removed.
    return []
  }
}

/** Counts a process and its descendants, up to a few more than the limit (proc(5), `/proc/pid/task/tid/children`). */
function countProcesses(pid: number): number {
  const found = [pid]
  for (let at = 0; at < found.length && found.length <= MAX_PROCESSES; at++) {
    try {
      const children = readFileSync(`/proc/${found[at]}/task/${found[at]}/children`, 'utf8')
      found.push(...children.split(' ').filter(Boolean).map(Number))
    } catch {
      // It has ended, or this system does not tell.
    }
  }
  return found.length
}
