import { lstatSync, readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { descendantsOf } from './descendants.ts'

/** Most programs end before the first check. */
const INTERVAL_MS = 250
/** Processes, not threads. ffmpeg is one. */
const MAX_PROCESSES = 64
const MAX_FILES = 1000
/** A program that runs out of disk space leaves less than this. */
const NO_ROOM_BYTES = 64 * 1024

export interface Watched {
  /** The process that leads the program's group. */
  readonly pid: number
  readonly writes: readonly string[]
  /** Bytes of all files in these directories together. */
  readonly maxBytes: number
  /** Called once, if the program exceeds a limit. */
  readonly onExcess: () => void
}

/** Regularly checks a running program for excesses that no limit of the kernel prevents. */
export class SandboxWatch {
  /** Whether a directory that the program writes to was full at some time. */
  noRoom = false
  readonly #watched: Watched
  readonly #timer: NodeJS.Timeout

  constructor(watched: Watched) {
    this.#watched = watched
    this.#timer = setInterval(() => this.#check(), INTERVAL_MS)
  }

  /** Call it when the program has ended, before its files are removed. */
  end(): void {
    clearInterval(this.#timer)
    this.#checkRoom()
  }

  #check(): void {
    this.#checkRoom()
    const { pid, writes, maxBytes, onExcess } = this.#watched
    if (
      descendantsOf(pid, MAX_PROCESSES).length <= MAX_PROCESSES &&
      !writes.some(directory => isFull(directory, maxBytes))
    )
      return
    clearInterval(this.#timer)
    onExcess()
  }

  #checkRoom(): void {
    this.noRoom ||= this.#watched.writes.some(hasNoRoom)
  }
}

/** Whether there is no room for a further file. */
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

/** Whether a directory contains a file of this size. A program may catch SIGXFSZ, so its exit code proves nothing. */
export function hasFileOf(directory: string, bytes: number): boolean {
  return sizesIn(directory).some(size => size >= bytes)
}

function sizesIn(directory: string): number[] {
  try {
    return readdirSync(directory).map(
      name => lstatSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0,
    )
  } catch {
    // The directory was removed.
    return []
  }
}
