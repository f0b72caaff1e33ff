import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { objectKeyOf } from '../uploads/core/upload-rows.ts'
import { liveTokens } from '../videos/pipeline/leases.ts'
import type { Finding, Installation } from './finding.ts'

/** Files without a row are moved to this directory. Nothing is deleted. */
const LOST_AND_FOUND = 'lost-and-found'
const PLACES = ['uploads', 'artifacts', 'recordings']
/** A younger directory can belong to an attempt that has just ended. */
const MIN_DIRECTORY_AGE_MS = 60_000

/** Checks that every file has a row. */
export async function* checkUnknownFiles(installation: Installation): AsyncIterable<Finding> {
  const { dataDir, place, storage } = installation
  // List files before rows, because a row is inserted before its file is created.
  const list = (of: string) => (storage.list ? listObjects(storage.list(`${of}/`)) : listFiles(dataDir, of))
  const files = (await Promise.all(PLACES.map(list))).flat()
  const known = await knownKeys(installation)
  for (const key of files) {
    if (known.keys.has(key) || known.prefixes.some(prefix => key.startsWith(prefix))) continue
    yield {
      kind: 'unknown_file',
      subject: key,
      message: describe(`${place}/${key}`, key),
      // An object in a bucket cannot be renamed, so a person must decide whether to delete it.
      ...(!storage.list && { repair }),
    }
    async function repair(): Promise<string> {
      const target = join(dataDir, LOST_AND_FOUND, key)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      await rename(join(dataDir, key), target)
      return `${key} was moved to ${target}. Nothing was deleted.`
    }
  }
}

async function listObjects(pages: AsyncIterable<readonly string[]>): Promise<string[]> {
  const found = new Set<string>()
  for await (const keys of pages) for (const key of keys) found.add(key)
  return [...found].sort()
}

/** Keys of all files in a directory below the data directory. */
async function listFiles(dataDir: string, place: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, place), { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(dataDir, join(entry.parentPath, entry.name)))
    .sort()
}

function describe(path: string, key: string): string {
  if (!key.startsWith('uploads/')) return `The database does not know the file ${path}.`
  return (
    `The database does not know the uploaded file ${path}. It may be newer than a restored database. ` +
    'To create a video from it: npm run upload -- FILE'
  )
}

async function knownKeys({ db, bytes }: Installation): Promise<{ keys: Set<string>; prefixes: string[] }> {
  const [uploads, videos, artifacts, chunks, removals] = await Promise.all([
    db.selectFrom('all_uploads').select(['id', 'finished_at', 'object_key']).execute(),
    db
      .selectFrom('all_videos')
      .select('storage_key')
      .where('storage_key', 'is not', null)
      .$narrowType<{ storage_key: string }>()
      .execute(),
    db.selectFrom('artifacts').select('storage_key').execute(),
    db.selectFrom('recordings').select('id').execute(),
    db.selectFrom('removals').select('key').execute(),
  ])
  const keys = [
    // A finished upload has one object. Other objects below its prefix are leftovers.
    ...uploads.flatMap(upload => (upload.finished_at ? [objectKeyOf(upload)] : bytes.keys(upload.id))),
    ...[...videos, ...artifacts].map(({ storage_key }) => storage_key),
    ...removals.map(({ key }) => key),
  ]
  return {
    keys: new Set(keys),
    // A chunk's file is created before its row.
    prefixes: [...keys.filter(key => key.endsWith('/')), ...chunks.map(({ id }) => `recordings/${id}/`)],
  }
}

/** Checks that every working directory belongs to a running worker. */
export async function* checkDirectories({ db, dataDir }: Installation): AsyncIterable<Finding> {
  const directory = join(dataDir, 'tmp')
  const names = await readdir(directory).catch(() => [])
  const live = await liveTokens(db)
  for (const name of names) {
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (live.has(name) || !found || Date.now() - found.mtimeMs < MIN_DIRECTORY_AGE_MS) continue
    yield {
      kind: 'abandoned_directory',
      subject: `tmp/${name}`,
      message: `The directory ${path} belongs to a worker that died. The next worker that starts removes it.`,
    }
  }
}
