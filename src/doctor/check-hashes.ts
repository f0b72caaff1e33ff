import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type RawBuilder, sql } from 'kysely'
import { sha256Stream } from '../base/hash.ts'
import { isCanonicalId } from '../base/ids.ts'
import type { Db } from '../database/schema.ts'
import type { ArtifactKind } from '../database/tables/videos.ts'
import { recreate } from './check-rows.ts'
import type { Finding, Installation } from './finding.ts'

const PAGE_ROWS = 200
/** Interval at which the progress is reported and saved. */
const PROGRESS_INTERVAL_MS = 2000

/** How far a run has come. */
interface Place {
  readonly video_id: string
  /** Null for a source. */
  readonly kind: ArtifactKind | null
}

interface Hashed extends Place {
  readonly key: string
  readonly size: number
  readonly sha256: string
}

interface Progress {
  readonly progress: string
}

/**
 * Compares every file with the hash that was computed when it was created: sources first, then artifacts, each by video. After an interruption
 * the next run resumes at the same file; after a complete run the next run starts over.
 */
export async function* checkHashes(
  installation: Installation,
  signal: AbortSignal | undefined,
): AsyncIterable<Finding | Progress> {
  const { db, dataDir } = installation
  const marker = join(dataDir, 'doctor.json')
  let last = await readMarker(marker)
  let done = 0
  const total = await countHashed(db, last)
  let lastReport = performance.now()
  for (;;) {
    const page = await hashedAfter(db, last)
    if (page.length === 0) break
    for (const item of page) {
      signal?.throwIfAborted()
      const finding = await compare(installation, item, signal)
      if (finding) yield finding
      last = { video_id: item.video_id, kind: item.kind }
      done++
      if (performance.now() - lastReport < PROGRESS_INTERVAL_MS) continue
      lastReport = performance.now()
      yield progressOf(done, total)
      await keepMarker(marker, last)
    }
  }
  yield progressOf(done, total)
  await rm(marker, { force: true })
}

function progressOf(done: number, total: number): Progress {
  return { progress: `Hashes: ${done} of ${total} files compared.` }
}

const SOURCES = sql`
  select storage_key as key, id as video_id, null as kind, size, sha256 from all_videos where sha256 is not null`
const ARTIFACTS = sql`
  select storage_key as key, video_id, kind, size, details->>'sha256' as sha256 from artifacts where details ? 'sha256'`

/** Sources after a place, or else artifacts; both in the order of their primary keys. @returns nothing at the end. */
export async function hashedAfter(db: Db, last: Place | undefined): Promise<Hashed[]> {
  if (!last || last.kind === null) {
    const { rows } = await sql<Hashed>`
      ${SOURCES} and ${sourcesAfter(last)} order by id limit ${PAGE_ROWS}`.execute(db)
    if (rows.length > 0) return rows
  }
  const { rows } = await sql<Hashed>`
    ${ARTIFACTS} and ${artifactsAfter(last)} order by video_id, kind limit ${PAGE_ROWS}`.execute(db)
  return rows
}

async function countHashed(db: Db, last: Place | undefined): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (
      (select count(*) from (${SOURCES} and ${sourcesAfter(last)}) as sources) +
      (select count(*) from (${ARTIFACTS} and ${artifactsAfter(last)}) as made)
    )::int as count`.execute(db)
  return rows[0]!.count
}

function sourcesAfter(last: Place | undefined): RawBuilder<boolean> {
  if (!last) return sql`true`
  return last.kind === null ? sql`id > ${last.video_id}::uuid` : sql`false`
}

function artifactsAfter(last: Place | undefined): RawBuilder<boolean> {
  if (!last || last.kind === null) return sql`true`
  return sql`(video_id, kind) > (${last.video_id}::uuid, ${last.kind}::text)`
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
async function isUnchanged({ db }: Installation, { key, video_id, kind, sha256 }: Hashed): Promise<boolean> {
  const now =
    kind === null
      ? sql`${SOURCES} and id = ${video_id}`
      : sql`${ARTIFACTS} and video_id = ${video_id} and kind = ${kind}`
  const { rows } =
    await sql`select from (${now}) as hashed where key = ${key} and sha256 = ${sha256}`.execute(db)
  return rows.length > 0
}

/** @returns undefined if there is no marker, or one of an earlier version. */
async function readMarker(path: string): Promise<Place | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '{}')
  try {
    const { after } = JSON.parse(text) as { after?: Partial<Place> }
    const { video_id, kind } = after ?? {}
    return isCanonicalId(video_id) && (kind === null || typeof kind === 'string')
      ? { video_id, kind }
      : undefined
  } catch {
    return undefined
  }
}

async function keepMarker(path: string, after: Place): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify({ after }), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
