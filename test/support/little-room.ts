import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { atExit } from './at-exit.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export interface LittleRoom {
  readonly directory: string
  /** Bytes that fit, about. */
  readonly room: number
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
    enlarge: () =>
      void execFileSync('mount', ['-o', `remount,size=${room * 4}`, directory], { stdio: 'ignore' }),
  }
}

function limitedFiles(directory: string, room: number): LittleRoom {
  // Without a listener the signal that comes with the error would end this process.
  void once(process, 'SIGXFSZ')
  const limit = (soft: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${soft}:`])
  limit(String(room))
  return { directory, room, enlarge: () => void limit('unlimited') }
}
