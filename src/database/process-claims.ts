import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { isDatabaseUnavailable, StartError } from '../base/errors.ts'
import { sha256Stream } from '../base/hash.ts'
import { TAKEOVER_PATIENCE_MS } from './data-lock.ts'
import type { ProcessSession } from './process-session.ts'

const RETRY_MS = 250
/** The first key of the advisory locks on storage locations. The second key is a hash of the location. */
const PLACE_CLASS = 0x4c546474

/**
 * Opens a process's session. Waits while the database is not reachable.
 * @param isApi whether the process receives uploads. Earlier versions lock uploads in the memory of a single api process, which therefore
 * must not run together with processes of this version. @throws StartError if such a process is running.
 */
export async function openClaimed(session: ProcessSession, isApi: boolean): Promise<void> {
  if (isApi) await session.hold(shareApi)
  await patiently(() => session.open())
}

/**
 * Claims the location at which this process stores files.
 * @param place identifies the data directory or the bucket.
 * @throws StartError if another process on this database stores files elsewhere, because neither would find the other's files.
 */
export async function claimPlace(session: ProcessSession, place: string): Promise<void> {
  const key = sha256Stream().update(place).digest().readUInt32BE() >>> 1
  await session.hold(async client => {
    await client.query('select pg_advisory_lock_shared($1::int, $2::int)', [PLACE_CLASS, key])
  })
  await patiently(async () => {
    const others = await session.query(
      `select from pg_locks where locktype = 'advisory' and classid = $1 and objid <> $2 and objsubid = 2
        and database = (select oid from pg_database where datname = current_database())`,
      [PLACE_CLASS, key],
    )
    if (others.length > 0)
      throw new StartError(
        'DATA_DIR: other Longtake processes on this database store their files elsewhere and would not find the files of this process. ' +
          'All processes with the same DATABASE_URL must share one DATA_DIR, or have the same STORAGE_URL.',
      )
  })
}

async function shareApi(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "select pg_try_advisory_lock_shared(hashtextextended('longtake api', 0)) as held",
  )
  if (!rows[0].held)
    throw new StartError(
      'DATABASE_URL: an api process of an earlier version of Longtake uses this database. Stop that one first: only processes of this version ' +
        'or later can receive uploads at the same time.',
    )
}

/** Repeats work that fails: for a while if another process may be about to end, and without limit while the database is not reachable. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  let deadline = performance.now() + TAKEOVER_PATIENCE_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (isDatabaseUnavailable(error)) deadline = performance.now() + TAKEOVER_PATIENCE_MS
      else if (!(error instanceof StartError) || performance.now() > deadline) throw error
    }
    await pause(RETRY_MS)
  }
}
