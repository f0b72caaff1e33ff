import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { isCanonicalId } from '../../base/ids.ts'
import { type Found, type Import, type ImportItem, Unreadable } from '../item.ts'
import type { FileSource, MediaFolder } from '../media-folder.ts'
import { walkFolder } from '../walk-folder.ts'
import { parseSidecar, type Sidecar } from './sidecar.ts'

const SIDECAR = /\.(info|json)$/
/** Lock files of tus servers. */
const LOCK = /\.lock$/

interface OldUpload {
  readonly sidecar: Sidecar
  readonly source: FileSource
  /** Size of the file. */
  readonly bytes: number
}

/** Imports the uploads in a folder of tusd or `@tus/server`. Clients can continue unfinished ones. @param dataDir the service's own directory, which is skipped. */
export async function openTusFolder(folder: MediaFolder, dataDir: string): Promise<Import> {
  const uploads = new Map<string, OldUpload>()
  const others: Found[] = []
  const files = new Set<string>()
  const used = new Set<string>()
  for await (const walked of walkFolder(folder, dataDir)) {
    if ('path' in walked) files.add(walked.path)
    else others.push(walked)
  }
  for (const path of files) {
    if (!SIDECAR.test(path)) continue
    const upload = await uploadOf(folder, path).catch(error => asFound(path, error))
    if (!upload) continue
    used.add(path)
    if (!('sidecar' in upload)) others.push(upload)
    else {
      uploads.set(upload.sidecar.id, upload)
      used.add(relative(folder.path, upload.source.path))
    }
  }
  for (const path of files) if (!used.has(path) && !isOfSidecar(path, used)) others.push(unused(path))
  return {
    findings: [`folder: ${folder.path}, ${uploads.size} uploads`],
    count: uploads.size + others.length,
    async *found() {
      const joined = joinedParts(uploads)
      for (const upload of uploads.values()) {
        const final = joined.get(upload.sidecar.id)
        yield final === undefined
          ? await itemOf(upload, uploads).catch(error => asFound(`upload ${upload.sidecar.id}`, error))
          : {
              name: `upload ${upload.sidecar.id}`,
              skipped: `it is a part of upload ${final}, which has its bytes`,
            }
      }
      yield* others
    },
    close: async () => {},
  }
}

/** Whether a file belongs to a sidecar. If the sidecar could not be read, that was already reported. */
function isOfSidecar(path: string, used: ReadonlySet<string>): boolean {
  return used.has(`${path}.info`) || used.has(`${path}.json`) || used.has(path.replace(/\.bin$/, '.info'))
}

function unused(path: string): Found {
  if (LOCK.test(path)) return { name: path, skipped: 'it is a lock file' }
  if (SIDECAR.test(path)) return { name: path, skipped: 'it is not a sidecar of an upload' }
  return {
    name: path,
    problem: 'it has no sidecar. To import media files without sidecars, use --folder',
  }
}

/** @returns undefined if the file is not a sidecar. @throws Unreadable */
async function uploadOf(folder: MediaFolder, path: string): Promise<OldUpload | undefined> {
  const file = await folder.file(path)
  await file.size()
  const sidecar = parseSidecar(await readFile(file.path, 'utf8'))
  if (!sidecar) return undefined
  if (sidecar.elsewhere !== undefined)
    throw new Unreadable(
      `its bytes are in ${sidecar.elsewhere} and not in the folder. Copy them to a folder first`,
    )
  const source = await bytesOf(folder, path, sidecar)
  return { sidecar, source, bytes: await source.size() }
}

/** Finds the bytes next to the sidecar or at the path that tusd recorded. tusd before 1.0 adds `.bin`. */
async function bytesOf(
  folder: MediaFolder,
  path: string,
  { path: stored, infoPath }: Sidecar,
): Promise<FileSource> {
  const beside = path.replace(SIDECAR, '')
  const named =
    stored !== undefined && infoPath !== undefined ? join(dirname(path), fromTo(infoPath, stored)) : beside
  // The folder may have been moved since, so the path relative to the sidecar is used.
  for (const candidate of [named, beside, `${beside}.bin`]) {
    const found = await folder.file(candidate).catch(() => undefined)
    if (found) return found
  }
  return folder.file(isAbsolute(named) ? beside : named)
}

function fromTo(infoPath: string, path: string): string {
  return relative(dirname(infoPath), path)
}

function asFound(name: string, error: unknown): Found {
  if (error instanceof Unreadable) return { name, problem: error.message }
  throw error
}

/** The parts of complete concatenated uploads, each with the id of that upload. */
function joinedParts(uploads: ReadonlyMap<string, OldUpload>): Map<string, string> {
  const joined = new Map<string, string>()
  for (const final of uploads.values())
    if (final.sidecar.parts && sourcesOf(final, uploads))
      for (const part of final.sidecar.parts) joined.set(part, final.sidecar.id)
  return joined
}

/** The sources of a complete upload: its own file, or those of its parts if the server was interrupted while it joined them. */
function sourcesOf(
  { sidecar, source, bytes }: OldUpload,
  uploads: ReadonlyMap<string, OldUpload>,
): readonly FileSource[] | undefined {
  if (bytes === sidecar.length) return [source]
  const parts = sidecar.parts?.map(id => uploads.get(id))
  const isWhole = parts?.every(part => part !== undefined && part.bytes === part.sidecar.length)
  return isWhole ? parts!.map(part => part!.source) : undefined
}

/** @throws Unreadable */
async function itemOf(upload: OldUpload, uploads: ReadonlyMap<string, OldUpload>): Promise<Found> {
  const { sidecar, source, bytes } = upload
  const { id, length, metadata } = sidecar
  const name = `upload ${id}${metadata['filename'] ? ` (${JSON.stringify(metadata['filename'].slice(0, 60))})` : ''}`
  if (length !== null && bytes > length)
    throw new Unreadable(`its file has ${bytes} bytes, but according to its sidecar it has at most ${length}`)
  if (length === 0) return { name, skipped: 'it is empty' }
  const losses =
    sidecar.offset > bytes
      ? [
          `its file has ${bytes} bytes, but according to its sidecar ${sidecar.offset} were received. The upload continues after those in the file`,
        ]
      : []
  const item: ImportItem = {
    origin: 'tus',
    oldId: id,
    // An id in our format is kept, so that the URL of the upload stays the same.
    ...(isCanonicalId(id) && { id }),
    name,
    fingerprint: `${bytes} bytes`,
    metadata,
    sources: [source],
    createdAt: sidecar.createdAt ?? source.modified,
    remarks: { notes: [], losses },
  }
  if (sidecar.isPartial) return { ...item, unfinished: { length, concat: 'partial' } }
  const sources = sourcesOf(upload, uploads)
  if (sources) return { ...item, sources, ...(length !== null && { size: length }) }
  if (sidecar.parts)
    throw new Unreadable(
      'some of the uploads that it consists of are missing. Its client can concatenate them again',
    )
  return { ...item, unfinished: { length } }
}
