import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockFile } from '../../base/process-lock.ts'

/** Each process has one directory of this name, and in it one for each program that runs. */
const PREFIX = 'longtake-sandbox-'
/** Held while the process lives. A pid proves nothing: it may belong to another process by now, or to another container. */
const LOCK = 'lock.sqlite'

let own: { readonly directory: string; readonly release: () => void } | undefined

/** @returns a new, empty directory. The caller removes it; if the process is killed, `removeLeftSandboxes` of another one does. */
export function makeSandboxDirectory(): string {
  // Programs that clean the temporary directory remove old files.
  while (!own || !existsSync(join(own.directory, LOCK))) own = lockedDirectory()
  return mkdtempSync(join(own.directory, 'run-'))
}

/** @returns undefined if another process removed it as abandoned before it was locked. */
function lockedDirectory(): typeof own {
  const directory = mkdtempSync(join(tmpdir(), PREFIX))
  const release = lockFile(join(directory, LOCK))
  if (!release) return undefined
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return { directory, release }
}

/** Removes what killed processes of this user left in the temporary directory. A directory that is locked stays. */
export async function removeLeftSandboxes(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const directory = join(tmpdir(), name)
    if (!name.startsWith(PREFIX) || directory === own?.directory || !(await isOurs(directory))) continue
    const release = lockFile(join(directory, LOCK))
    if (!release) continue
    try {
      await rm(directory, { recursive: true, force: true })
    } finally {
      release()
    }
  }
}

async function isOurs(directory: string): Promise<boolean> {
  const [outer, lock] = await Promise.all(
    [directory, join(directory, LOCK)].map(path => lstat(path).catch(() => undefined)),
  )
  const uid = process.getuid?.()
  return [outer, lock].every(stats => stats?.uid === uid) && outer!.isDirectory() && lock!.isFile()
}
