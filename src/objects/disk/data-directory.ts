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

/** Permissions of others than the owner. */
const OTHERS = 0o077
const WRITABLE_BY_OTHERS = 0o022
const WRITABLE_BY_ALL = 0o002
/** What installations of any version hold; and what file systems and people keep in directories that are empty to them. */
const OWN_NAMES =
  /^(database|uploads|artifacts|recordings|models|tmp|reserve|lost-and-found|lost\+found|\..*|\w+\.(sqlite.*|json|sock))$/
/** In a directory with this bit only the owner of an entry renames or removes it, as in /tmp. */
const STICKY = 0o1000

/**
 * Prepares the data directory before anything is opened in it: only the user of this process may look into it. From then on every file that
 * the process or a program that it starts makes is closed to others, whatever umask it was started with.
 *
 * As with PostgreSQL, a directory that others could write to is refused: what is in it may be forged. One that they could only read is
 * closed. Not covered: access control lists beside the mode, and group-writable directories above it.
 * @throws StartError that says what to change.
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
  // A symbolic link can be replaced where it lies, and the directory where that does.
  for (const each of new Set([path, directory])) requireSafeParents(each)
  closeTop(directory)
}

/** Makes a directory and those above it. Node's own recursive mkdir never ends in a file system that takes none, such as /proc. */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (path !== dirname(path)) makeDirectory(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

function requireOwn(directory: string, uid: number): void {
  const stats = statSync(directory)
  if (stats.uid !== uid)
    throw new StartError(
      `DATA_DIR: the directory ${directory} belongs to another user (uid ${stats.uid}), who could change everything in it: ` +
        `make it belong to uid ${uid}, or set DATA_DIR to a new directory below it.`,
    )
  if (stats.mode & WRITABLE_BY_OTHERS)
    throw new StartError(
      `DATA_DIR: other users can write to the directory ${directory} (mode ${octal(stats.mode)}), and may have changed what is in it: ` +
        `run chmod -R go-rwx ${directory}, or set DATA_DIR to a new directory below it.`,
    )
}

/** Whoever can write to a directory above could put another directory in the place of this one. */
function requireSafeParents(path: string): void {
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    const { mode } = statSync(parent)
    if (mode & WRITABLE_BY_ALL && !(mode & STICKY))
      throw new StartError(
        `DATA_DIR: every user can write to ${parent} (mode ${octal(mode)}), and could replace ${path}: ` +
          `run chmod o-w ${parent}, or set DATA_DIR to a directory elsewhere.`,
      )
    if (parent === dirname(parent)) return
  }
}

/**
 * Closes an installation of an earlier version. The top goes first: from then on nobody else reaches what is below. A directory below is
 * closed after all that is in it, so a closed one needs no look: a start is quick with any number of files, and one that is cut off is
 * made up for by the next. The database is small and holds the keys: it is looked through each time.
 */
function closeTop(directory: string): void {
  const { mode } = statSync(directory)
  if (mode & OTHERS) requireNothingForeign(directory)
  close(directory, mode)
  if (statSync(directory).mode & OTHERS)
    throw new StartError(
      `DATA_DIR: other users can read the directory ${directory}, and its file system keeps no permissions: set DATA_DIR to a directory of another one.`,
    )
  for (const { name } of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, name)
    // A link to a directory on another disk is part of the installation.
    const target = statSync(path, { throwIfNoEntry: false })
    if (target?.isDirectory()) closeDirectory(path, target.mode, { whole: name === 'database' })
    else closeFile(path)
  }
}

/** A directory of other things, such as `/etc` or a web server's, is not to be closed by mistake. */
function requireNothingForeign(directory: string): void {
  const names = readdirSync(directory)
  if (names.includes('lock.sqlite')) return
  const foreign = names.filter(name => !OWN_NAMES.test(name))
  if (foreign.length > 0)
    throw new StartError(
      `DATA_DIR: the directory ${directory} holds things that are not Longtake's (${foreign.slice(0, 3).join(', ')}), and other users can read it: ` +
        'set DATA_DIR to a new directory.',
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
    // Another process of this installation may have removed it meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw new StartError(
      `DATA_DIR: other users can read ${path}, and that cannot be changed (${reasonOf(error)}).`,
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
