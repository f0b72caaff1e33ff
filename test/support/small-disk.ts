import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atExit } from './at-exit.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** A file system of its own that another program can use up. */
export interface SmallDisk {
  /** For a DATA_DIR. */
  readonly directory: string
  /** Leaves no room for a single byte. */
  fillBytes(): void
  /** Leaves no room for a single file. */
  fillInodes(): void
  /** Gives all of that back. */
  empty(): void
}

const INODES = 4000

/** @returns undefined when this user may not mount one. */
export function smallDisk(name: string, megabytes: number): SmallDisk | undefined {
  const mount = throwAwayDirectory(name)
  try {
    const options = `size=${megabytes}m,nr_inodes=${INODES}`
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'longtake-test', mount], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  atExit(() => void execFileSync('umount', ['--lazy', mount], { stdio: 'ignore' }))
  const inodes: string[] = []
  return {
    directory: join(mount, 'data'),
    fillBytes: () => fillBytes(join(mount, 'filler')),
    fillInodes() {
      while (statfsSync(mount).ffree > 0) {
        const path = join(mount, `inode-${inodes.length}`)
        writeFileSync(path, '')
        inodes.push(path)
      }
    },
    empty() {
      for (const path of [join(mount, 'filler'), ...inodes.splice(0)]) rmSync(path, { force: true })
    },
  }
}

function fillBytes(path: string): void {
  for (let size = 2 ** 20; size >= 1; ) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      size /= 2
    }
  }
}
