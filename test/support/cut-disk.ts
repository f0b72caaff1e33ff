import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atExit } from './at-exit.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** _IOR('X', 125, __u32), and "do not flush the journal": what is not synced is lost, as when the power goes. */
const SHUTDOWN =
  'my $flags = pack("L", 2); open(my $at, "<", $ARGV[0]) or die; ioctl($at, 0x8004587d, $flags) or die $!'

export interface CutDisk {
  /** Where it is mounted. */
  readonly directory: string
  /** What is on it now outlives a cut. */
  sync(): void
  /** From now on nothing reaches it, and everything fails with an I/O error. What was not synced is lost. */
  cut(): void
  /** Takes it away and mounts it again, as a start of the machine does: the journal is replayed. Nobody may have a file open in it. */
  remount(): void
}

/**
 * An ext4 file system of its own in a file of `size` bytes, on which the power can be cut.
 * @throws Error where this process may not mount, or a program is missing.
 */
export function cutDisk(name: string, size: number): CutDisk {
  const parent = throwAwayDirectory(name)
  const image = join(parent, 'image')
  const directory = join(parent, 'mounted')
  mkdirSync(directory)
  writeFileSync(image, '')
  truncateSync(image, size)
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const mount = () => run('mount', '-o', 'loop', image, directory)
  run('mkfs.ext4', '-q', '-F', image)
  mount()
  atExit(() => void run('umount', '--lazy', directory))
  return {
    directory,
    sync: () => void run('sync', '--file-system', directory),
    cut: () => void run('perl', '-e', SHUTDOWN, directory),
    remount: () => {
      run('umount', directory)
      mount()
      // A process that has just got mounts of its own, such as a sandbox, can still hold the one that was cut: then this is that one again.
      writeFileSync(join(directory, '.alive'), '')
    },
  }
}
