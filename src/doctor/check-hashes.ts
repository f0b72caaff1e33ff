import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { sha256Stream } from '../base/hash.ts'
import type { ArtifactKind } from '../database/tables/videos.ts'
import { recreate } from './check-rows.ts'
import type { Finding, Installation } from './finding.ts'

const PAGE_ROWS = 200
/** Interval at which the progress is reported and saved. */
const PROGRESS_INTERVAL_MS = 2000

interface Hashed {
  readonly key: string
  readonly video_id: string
  /** Null for a source. */
  readonly kind: ArtifactKind | null
  readonly size: number
  readonly sha256: string
}

interface Progress {
  readonly progress: string
}

/**
 * Compares every file with the hash that was computed when it was created, in the order of keys. After an interruption the next run resumes at
 * the same file; after a complete run the next run starts over.
 */
export async function* checkHashes(
  installation: Installation,
  signal: AbortSignal | undefined,
): AsyncIterable<Finding | Progress> {
  const { dataDir } = installation
  const marker = join(dataDir, 'doctor.json')
  let last = await readMarker(marker)
  let done = 0
  const total = await countHashed(installation, last)
  let lastReport = performance.now()
  for (;;) {
    const page = await hashedAfter(installation, last)
    for (const item of page) {
      signal?.throwIfAborted()
      const finding = await compare(installation, item, signal)
      if (finding) yield finding
      last = item.key
      done++
      if (performance.now() - lastReport < PROGRESS_INTERVAL_MS) continue
      lastReport = performance.now()
      yield progressOf(done, total)
      await keepMarker(marker, last)
    }
    if (page.length < PAGE_ROWS) break
  }
  yield progressOf(done, total)
  await rm(marker, { force: true })
}

function progressOf(done: number, total: number): Progress {
  return { progress: `Hashes: ${done} of ${total} files compared.` }
}

const HASHED = sql`(
  select storage_key as key, id as video_id, null as kind, size, sha256 from all_videos where sha256 is not null
  union all
  select storage_key, video_id, kind, size, details->>'sha256' from artifacts where details ? 'sha256'
) as hashed`

async function hashedAfter({ db }: Installation, last: string | undefined): Promise<Hashed[]> {
  const { rows } = await sql<Hashed>`
    select * from ${HASHED} where key collate "C" > ${last ?? ''} order by key collate "C" limit ${PAGE_ROWS}`.execute(
    db,
  )
  return rows
}

async function countHashed({ db }: Installation, last: string | undefined): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ${HASHED} where key collate "C" > ${last ?? ''}`.execute(db)
  return rows[0]!.count
}

async function compare(
  installation: Installation,
  item: Hashed,
  signal: AbortSignal | undefined,
): Promise<Finding | undefined> {
  const { place, storage } = installation
  const hash = sha256Stream()
  try {
    await pipeline(await storage.read(item.key), hash, signal ? { signal } : {})
  } catch (error) {
    // Another check reports missing files.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (hash.digest('hex') === item.sha256 || !(await isUnchanged(installation, item))) return undefined
  const { kind, video_id } = item
  if (kind === null) {
    return {
      kind: 'source_differs',
      subject: item.key,
      message: `The source of video ${video_id} differs from the uploaded bytes. Restore ${place}/${item.key} from a backup.`,
    }
  }
  return {
    kind: 'artifact_differs',
    subject: item.key,
    message: `The ${kind} file of video ${video_id} has changed since it was created. It can be recreated from the source.`,
    repair: () => recreate(installation, video_id, kind),
  }
}

/** False if the video was deleted or the artifact was recreated while the file was read. */
async function isUnchanged({ db }: Installation, { key, sha256 }: Hashed): Promise<boolean> {
  const { rows } = await sql`select 1 from ${HASHED} where key = ${key} and sha256 = ${sha256}`.execute(db)
  return rows.length > 0
}

async function readMarker(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '{}')
  try {
    return (JSON.parse(text) as { after?: string }).after
  } catch {
    return undefined
  }
}

async function keepMarker(path: string, after: string): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify({ after }), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
