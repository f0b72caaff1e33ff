import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { isCanonicalId } from '../../base/ids.ts'
import { type Found, type Import, type ImportItem, Unreadable } from '../item.ts'
import type { FileSource, MediaFolder } from '../media-folder.ts'
import { walkFolder } from '../walk-folder.ts'
import { parseSidecar, type Sidecar } from './sidecar.ts'

const SIDECAR = /\.(info|json)$/
/** Files that servers keep beside uploads for themselves. */
const LOCK = /\.lock$/

interface OldUpload {
  readonly sidecar: Sidecar
  readonly source: FileSource
  /** Of its file. */
  readonly bytes: number
}

/** Uploads of a folder of tusd or `@tus/server`: finished ones become videos, others can go on. @param dataDir is left out. */
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

/** Bytes whose sidecar could not be read have been reported with it. */
function isOfSidecar(path: string, used: ReadonlySet<string>): boolean {
  return used.has(`${path}.info`) || used.has(`${path}.json`) || used.has(path.replace(/\.bin$/, '.info'))
}

function unused(path: string): Found {
  if (LOCK.test(path)) return { name: path, skipped: 'it is a lock' }
  if (SIDECAR.test(path)) return { name: path, skipped: 'it is no sidecar of an upload' }
  return {
    name: path,
    problem: 'it has no sidecar, so that nothing is known of it; --folder imports media files as they are',
  }
}

/** @returns undefined if it is no sidecar. @throws Unreadable */
async function uploadOf(folder: MediaFolder, path: string): Promise<OldUpload | undefined> {
  const file = await folder.file(path)
  await file.size()
  const sidecar = parseSidecar(await readFile(file.path, 'utf8'))
  if (!sidecar) return undefined
  if (sidecar.elsewhere !== undefined)
    throw new Unreadable(
      `its bytes are not in the folder but in ${sidecar.elsewhere}: copy them to a folder first`,
    )
  const source = await bytesOf(folder, path, sidecar)
  return { sidecar, source, bytes: await source.size() }
}

/** The bytes lie beside the sidecar, or where tusd says; versions of tusd before 1.0 add `.bin`. */
async function bytesOf(
  folder: MediaFolder,
  path: string,
  { path: stored, infoPath }: Sidecar,
): Promise<FileSource> {
  const beside = path.replace(SIDECAR, '')
  const named =
    stored !== undefined && infoPath !== undefined ? join(dirname(path), fromTo(infoPath, stored)) : beside
  // The folder may have been moved since: how one path lies to the other stays.
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

/** Parts of uploads that are whole, with the ids of those. */
function joinedParts(uploads: ReadonlyMap<string, OldUpload>): Map<string, string> {
  const joined = new Map<string, string>()
  for (const final of uploads.values())
    if (final.sidecar.parts && sourcesOf(final, uploads))
      for (const part of final.sidecar.parts) joined.set(part, final.sidecar.id)
  return joined
}

/** The bytes of an upload that is whole: its own, or those of its parts if the server was cut off while it joined them. */
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
    throw new Unreadable(`its file has ${bytes} bytes, and its sidecar says that it has ${length} at most`)
  if (length === 0) return { name, skipped: 'it is empty' }
  const losses =
    sidecar.offset > bytes
      ? [
          `its sidecar says that ${sidecar.offset} bytes came, and its file has ${bytes}: it goes on from there`,
        ]
      : []
  const item: ImportItem = {
    origin: 'tus',
    oldId: id,
    // An id in the form of ours stays, so that its address does.
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
    throw new Unreadable('it is made of others, which are not all there: its client can join them again')
  return { ...item, unfinished: { length } }
}
