import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { liveTokens } from '../videos/pipeline/leases.ts'
import type { Finding, Patient } from './finding.ts'

/** Files without a row are moved to this directory; nothing is ever deleted. */
const LOST_AND_FOUND = 'lost-and-found'
const PLACES = ['uploads/', 'artifacts/', 'recordings/']
/** Directories of an attempt that has just ended may still be there, in milliseconds. */
const DIRECTORY_AGE_MS = 60_000

/** Every file has its row. */
export async function* checkUnknownFiles(patient: Patient): AsyncIterable<Finding> {
  const { storage, dataDir } = patient
  // Files first: a row is there before its file.
  const files = (await Promise.all(PLACES.map(place => storage.list(place)))).flat()
  const known = await knownKeys(patient)
  for (const key of files) {
    if (known.keys.has(key) || known.prefixes.some(prefix => key.startsWith(prefix))) continue
    yield {
      kind: 'unknown_file',
      subject: key,
      message: describe(join(dataDir, key), key),
      async repair() {
        const target = join(dataDir, LOST_AND_FOUND, key)
        await mkdir(dirname(target), { recursive: true, mode: 0o700 })
        await rename(join(dataDir, key), target)
        return `${key} is now ${target}. Nothing was deleted.`
      },
    }
  }
}

function describe(path: string, key: string): string {
  if (!key.startsWith('uploads/')) return `No row knows the file ${path}.`
  return (
    `No row knows the uploaded file ${path}: it may be newer than the database. ` +
    'It becomes a video again with: npm run upload -- FILE'
  )
}

async function knownKeys({ db }: Patient): Promise<{ keys: Set<string>; prefixes: string[] }> {
  const [uploads, videos, artifacts, chunks, removals] = await Promise.all([
    db.selectFrom('uploads').select('id').execute(),
    db
      .selectFrom('videos')
      .select('storage_key')
      .where('storage_key', 'is not', null)
      .$narrowType<{ storage_key: string }>()
      .execute(),
    db.selectFrom('artifacts').select('storage_key').execute(),
    db.selectFrom('recordings').select('id').execute(),
    db.selectFrom('removals').select('key').execute(),
  ])
  const keys = [
    ...uploads.map(({ id }) => `uploads/${id}`),
    ...[...videos, ...artifacts].map(({ storage_key }) => storage_key),
    ...removals.map(({ key }) => key),
  ]
  return {
    keys: new Set(keys),
    // A chunk is there before its row, which is written when it is whole.
    prefixes: [
      ...chunks.map(({ id }) => `recordings/${id}/`),
      ...removals.map(({ key }) => key).filter(key => key.endsWith('/')),
    ],
  }
}

/** Every directory of an attempt belongs to a worker that lives. */
export async function* checkDirectories({ db, dataDir }: Patient): AsyncIterable<Finding> {
  const directory = join(dataDir, 'tmp')
  const names = await readdir(directory).catch(() => [])
  const live = await liveTokens(db)
  for (const name of names) {
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (live.has(name) || !found || Date.now() - found.mtimeMs < DIRECTORY_AGE_MS) continue
    yield {
      kind: 'abandoned_directory',
      subject: `tmp/${name}`,
      message: `The directory ${path} was left behind by a worker that died: the next worker removes it.`,
    }
  }
}
