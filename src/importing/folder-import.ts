import { basename } from 'node:path'
import { StepError } from '../base/errors.ts'
import { sha256Hex } from '../base/hash.ts'
import { recognise } from '../processing/programs/container.ts'
import { type Found, type Import, noRemarks, Unreadable } from './item.ts'
import type { MediaFolder } from './media-folder.ts'
import { type Walked, walkFolder } from './walk-folder.ts'

/** Imports all media files in a folder and its subfolders. A file is identified by its path. @param dataDir the service's own directory, which is skipped. */
export async function openFolder(folder: MediaFolder, dataDir: string): Promise<Import> {
  const all: Walked[] = []
  for await (const walked of walkFolder(folder, dataDir)) all.push(walked)
  return {
    findings: [`folder: ${folder.path}, ${all.filter(walked => 'path' in walked).length} files`],
    count: all.length,
    async *found() {
      for (const walked of all) yield 'path' in walked ? await fileOf(folder, walked.path) : walked
    },
    close: async () => {},
  }
}

async function fileOf(folder: MediaFolder, path: string): Promise<Found> {
  try {
    const source = await folder.file(path)
    const size = await source.size()
    if (size === 0) return { name: path, problem: 'it is empty' }
    await recognise(source.path)
    return {
      origin: 'folder',
      // A hash, because a path can be too long for a database index.
      oldId: sha256Hex(source.path),
      name: path,
      fingerprint: `${size} bytes of ${source.modified.toISOString()}`,
      metadata: { filename: basename(path) },
      sources: [source],
      createdAt: source.modified,
      remarks: noRemarks(),
    }
  } catch (error) {
    if (error instanceof StepError) return { name: path, skipped: 'its content is not video or audio' }
    if (error instanceof Unreadable) return { name: path, problem: error.message }
    throw error
  }
}
