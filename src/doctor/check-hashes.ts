import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import type { ArtifactKind } from '../database/schema.ts'
import { makeAgain } from './check-rows.ts'
import type { Finding, Patient } from './finding.ts'

const PAGE = 200
/** How often the progress is told and kept, in milliseconds. */
const PROGRESS_MS = 2000

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
 * Compares every file with the hash that was taken when it was made, in the order of their keys. Interrupted, the next run goes on with the
 * file where this one was; a run that comes to its end begins anew the next time.
 */
export async function* checkHashes(
  patient: Patient,
  signal: AbortSignal | undefined,
): AsyncIterable<Finding | Progress> {
  const { dataDir } = patient
  const marker = join(dataDir, 'doctor.json')
  let last = await readMarker(marker)
  let done = 0
  const total = await countHashed(patient, last)
  let lastTold = performance.now()
  for (;;) {
    const page = await hashedAfter(patient, last)
    for (const item of page) {
      signal?.throwIfAborted()
      const finding = await compare(patient, item, signal)
      if (finding) yield finding
      last = item.key
      done++
      if (performance.now() - lastTold < PROGRESS_MS) continue
      lastTold = performance.now()
      yield tell(done, total)
      await keepMarker(marker, last)
    }
    if (page.length < PAGE) break
  }
  yield tell(done, total)
  await rm(marker, { force: true })
}

function tell(done: number, total: number): Progress {
  return { progress: `Hashes: ${done} of ${total} files compared.` }
}

const HASHED = sql`(
  select storage_key as key, id as video_id, null as kind, size, sha256 from videos where sha256 is not null
  union all
  select storage_key, video_id, kind, size, details->>'sha256' from artifacts where details ? 'sha256'
) as hashed`

async function hashedAfter({ db }: Patient, last: string | undefined): Promise<Hashed[]> {
  const { rows } = await sql<Hashed>`
    select * from ${HASHED} where key collate "C" > ${last ?? ''} order by key collate "C" limit ${PAGE}`.execute(
    db,
  )
  return rows
}

async function countHashed({ db }: Patient, last: string | undefined): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ${HASHED} where key collate "C" > ${last ?? ''}`.execute(db)
  return rows[0]!.count
}

async function compare(
  patient: Patient,
  item: Hashed,
  signal: AbortSignal | undefined,
): Promise<Finding | undefined> {
  const path = join(patient.dataDir, item.key)
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, signal ? { signal } : {})
  } catch (error) {
    // A file that is missing was found to be without its bytes being read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (hash.digest('hex') === item.sha256 || !(await isStillThere(patient, item))) return undefined
  const { kind, video_id } = item
  if (kind === null) {
    return {
      kind: 'source_differs',
      subject: item.key,
      message: `The source of video ${video_id} does not have the bytes that were uploaded: restore ${path} from a backup.`,
    }
  }
  return {
    kind: 'artifact_differs',
    subject: item.key,
    message: `The file of the ${kind} of video ${video_id} does not have the bytes that were made. It can be made again from the source.`,
    repair: () => makeAgain(patient, video_id, kind),
  }
}

/** The video may have been deleted, or the artifact made again, while the file was read. */
async function isStillThere({ db }: Patient, { key, sha256 }: Hashed): Promise<boolean> {
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
