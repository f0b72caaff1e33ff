import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { StartError } from '../../base/errors.ts'

/** Permission bits of all users except the owner. */
const OTHERS = 0o077
const WRITABLE_BY_OTHERS = 0o022
const WRITABLE_BY_ALL = 0o002
/** Names of Longtake's files in all versions, and of files that an apparently empty directory can contain. */
const OWN_NAMES =
  /^(database|uploads|artifacts|recordings|models|tmp|reserve|lost-and-found|lost\+found|\..*|\w+\.(sqlite.*|json|sock))$/
/** In a directory with this bit, such as /tmp, only the owner of an entry can rename or remove it. */
const STICKY = 0o1000

/**
 * Prepares the data directory before anything is opened in it: only the user of this process may read it. Other users cannot access files
 * that this process and its programs create from now on, whatever the umask was.
 *
 * Like PostgreSQL, it rejects a directory that other users can write to, because its content may be forged. If they can only read it, their
 * permission is removed. Not covered: access control lists, and group-writable parent directories.
 * @throws StartError with the command that fixes the permissions.
 */
export function openDataDirectory(path: string): void {
  process.umask(OTHERS)
  try {
    makeDirectory(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const shown = path.length > 150 ? `${path.slice(0, 150)}…` : path
    throw new StartError(`DATA_DIR: the directory ${shown} cannot be written to (${reasonOf(error)}).`)
  }
  const uid = process.getuid?.()
  // Windows has no modes.
  if (uid === undefined) return
  const directory = realpathSync(path)
  requireOwn(directory, uid)
  // Check the parents of a symbolic link and those of its target, because both could be replaced.
  for (const each of new Set([path, directory])) requireSafeParents(each)
  closeTop(directory)
}

/** Creates a directory and its parents. Node's recursive mkdir never returns in a file system such as /proc. */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (path !== dirname(path)) makeDirectory(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have created it in the meantime.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

function requireOwn(directory: string, uid: number): void {
  const stats = statSync(directory)
  if (stats.uid !== uid)
    throw new StartError(
      `DATA_DIR: the directory ${directory} belongs to another user (uid ${stats.uid}), who could change everything in it. ` +
        `Change its owner to uid ${uid}, or set DATA_DIR to a new directory below it.`,
    )
  if (stats.mode & WRITABLE_BY_OTHERS)
    throw new StartError(
      `DATA_DIR: other users can write to the directory ${directory} (mode ${octal(stats.mode)}) and may have changed its content. ` +
        `Run chmod -R go-rwx ${directory}, or set DATA_DIR to a new directory below it.`,
    )
}

/** Checks the parent directories, because a user who can write to one of them could replace the data directory. */
function requireSafeParents(path: string): void {
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    const { mode } = statSync(parent)
    if (mode & WRITABLE_BY_ALL && !(mode & STICKY))
      throw new StartError(
        `DATA_DIR: every user can write to ${parent} (mode ${octal(mode)}) and could replace ${path}. ` +
          `Run chmod o-w ${parent}, or set DATA_DIR to a directory elsewhere.`,
      )
    if (parent === dirname(parent)) return
  }
}

/**
 * Removes the permissions of other users from an installation of an earlier version. The top directory is first, so that other users cannot
 * access anything below it. Each directory below is changed after its content. So a directory that is already closed can be skipped: a start
 * is quick with any number of files, and the next start completes an interrupted one. The database is small and contains keys, so it is
 * checked each time.
 */
function closeTop(directory: string): void {
  const { mode } = statSync(directory)
  if (mode & OTHERS) requireNothingForeign(directory)
  close(directory, mode)
  if (statSync(directory).mode & OTHERS)
    throw new StartError(
      `DATA_DIR: other users can read the directory ${directory}, and its file system does not support permissions. Set DATA_DIR to a directory on another file system.`,
    )
  for (const { name } of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, name)
    // A link to a directory on another disk is part of the installation.
    const target = statSync(path, { throwIfNoEntry: false })
    if (target?.isDirectory()) closeDirectory(path, target.mode, { whole: name === 'database' })
    else closeFile(path)
  }
}

/** Prevents closing a directory such as `/etc` by mistake. */
function requireNothingForeign(directory: string): void {
  const names = readdirSync(directory)
  if (names.includes('lock.sqlite')) return
  const foreign = names.filter(name => !OWN_NAMES.test(name))
  if (foreign.length > 0)
    throw new StartError(
      `DATA_DIR: the directory ${directory} contains files that are not Longtake's (${foreign.slice(0, 3).join(', ')}), and other users can read it. ` +
        'Set DATA_DIR to a new directory.',
    )
}

function closeDirectory(directory: string, mode: number, { whole }: { whole: boolean }): void {
  if (!(mode & OTHERS) && !whole) return
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    const found = entry.isDirectory() ? lstatSync(path, { throwIfNoEntry: false }) : undefined
    if (found) closeDirectory(path, found.mode, { whole })
    else closeFile(path)
  }
  close(directory, mode)
}

function closeFile(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found && !found.isSymbolicLink()) close(path, found.mode)
}

function close(path: string, mode: number): void {
  if (!(mode & OTHERS)) return
  try {
    chmodSync(path, mode & 0o7700)
  } catch (error) {
    // Another process of this installation may have removed it in the meantime.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw new StartError(
      `DATA_DIR: other users can read ${path}, and its permissions cannot be changed (${reasonOf(error)}).`,
    )
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EEXIST' ? 'EEXIST: a file is in its place' : (code ?? String(error))
}
