import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Problem, Skipped } from './item.ts'
import { type MediaFolder, reasonOf } from './media-folder.ts'

/** Names of unfinished files and of files that operating systems create. */
const TEMPORARY = /(^~\$|~$|\.(tmp|temp|part|partial|crdownload|download|swp)$|^(thumbs\.db|desktop\.ini)$)/i

/** A file, as its path within the folder, or the reason why an entry is not imported. */
export type Walked = { readonly path: string } | Problem | Skipped

/**
 * All files in a folder and its subfolders, sorted by name. Links are not followed, because they could lead out of the folder or form a cycle.
 * @param without a directory to skip: the DATA_DIR of the service, whose files must not be imported again.
 */
export async function* walkFolder(folder: MediaFolder, without: string): AsyncGenerator<Walked> {
  yield* walk(folder.path)

  async function* walk(directory: string): AsyncGenerator<Walked> {
    const shown = relative(folder.path, directory) || '.'
    const entries = await readdir(directory, { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => error,
    )
    if (entries instanceof Error) return yield { name: shown, problem: `the folder ${reasonOf(entries)}` }
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name)
      const skipped = path === without ? 'it is the DATA_DIR of the service' : reasonToSkip(entry)
      if (skipped !== undefined) yield { name: relative(folder.path, path), skipped }
      else if (entry.isDirectory()) yield* walk(path)
      else yield { path: relative(folder.path, path) }
    }
  }
}

function reasonToSkip(entry: Dirent): string | undefined {
  if (entry.name.startsWith('.')) return 'it is hidden'
  if (entry.isSymbolicLink()) return 'it is a link'
  if (TEMPORARY.test(entry.name)) return 'its name is that of a temporary file'
  return entry.isFile() || entry.isDirectory() ? undefined : 'it is neither a file nor a folder'
}
