import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atExit } from './at-exit.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export interface LittleRoom {
  readonly directory: string
  /** Bytes that fit, about. */
  readonly room: number
  /** Leaves no room for a single byte. */
  fill(): void
  /** Makes room for as much again, and more. */
  enlarge(): void
}

/**
 * A directory in which there is no room for more than a few MiB: a small file system of its own where this process may mount one,
 * else a limit on the size of the files that it may write.
 */
export function littleRoom(name: string): LittleRoom {
  const directory = throwAwayDirectory(name)
  const room = 4 * 1024 * 1024
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${room}`, 'longtake-test', directory], {
      stdio: 'ignore',
    })
  } catch {
    return limitedFiles(directory, room)
  }
  atExit(() => void execFileSync('umount', ['--lazy', directory], { stdio: 'ignore' }))
  return {
    directory,
    room,
    fill: () => fill(directory),
    enlarge: () =>
      void execFileSync('mount', ['-o', `remount,size=${room * 4}`, directory], { stdio: 'ignore' }),
  }
}

function limitedFiles(directory: string, room: number): LittleRoom {
  // Without a listener the signal that comes with the error would end this process.
  process.on('SIGXFSZ', () => {})
  const limit = (soft: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${soft}:`])
  limit(String(room))
  return { directory, room, fill: () => void limit('0'), enlarge: () => void limit('unlimited') }
}

function fill(directory: string): void {
  for (let size = 2 ** 20; size >= 1; ) {
    try {
      writeFileSync(join(directory, 'filler'), Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      size /= 2
    }
  }
}
