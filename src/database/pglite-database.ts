import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, sql } from 'kysely'
import pino, { type Logger } from 'pino'
import { lockDataDirectory } from './data-lock.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { RecoveringPglite } from './pglite-recovery.ts'
import type { Schema } from './schema.ts'
import { SYNCED, SyncedFiles } from './synced-files.ts'

// V8 would optimize PostgreSQL's largest functions anew at each start, which takes 0.4 s of CPU and 400 MB of memory. Without, queries
// take up to 1.4 times as long.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag)

const MIB = 2 ** 20
/** Bytes of a segment of the write-ahead log (WAL); `initdb` sets it. */
const WAL_SEGMENT_BYTES = 16 * MIB
/** Segments that lie ready: PostgreSQL panics when it needs one and the disk is full. */
const SPARE_SEGMENTS = 2
/** How often the length of the log is looked at, in milliseconds. */
const CHECKPOINT_INTERVAL_MS = 5000

/**
 * PostgreSQL's own 128 MB of buffers would all be in memory from the start, and the system caches its files as well. A checkpoint keeps
 * `min_wal_size` of log segments to be used again, the current one among them.
 */
const START = [
  ...SYNCED,
  ...['-c', 'shared_buffers=32MB', '-c', 'max_wal_size=96MB'],
  ...['-c', `min_wal_size=${((SPARE_SEGMENTS + 1) * WAL_SEGMENT_BYTES) / MIB}MB`],
]

interface PgliteOptions {
  readonly log?: Logger
  /** How long to wait for another process that uses the directory and may be about to end. */
  readonly patienceMs?: number
  /** Runs work that must not fail for want of room, a second time with more room when it fails. */
  readonly withRoom?: <T>(work: () => Promise<T>) => Promise<T>
}

/**
 * The embedded database: PostgreSQL in this process, in `{dataDir}/database`.
 * It has one connection: inside a transaction only the transaction may be used.
 * @throws StartError when another process uses the directory.
 */
export async function openPglite(
  dataDir: string,
  { log = pino({ level: 'silent' }), patienceMs = 0, withRoom = work => work() }: PgliteOptions = {},
): Promise<Database> {
  const unlock = await lockDataDirectory(dataDir, patienceMs)
  try {
    const directory = join(dataDir, 'database')
    const open = () => withRoom(() => openDirectory(directory))
    const pglite = new RecoveringPglite(await open(), open, log)
    const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) })
    await migrate(db)
    await prepareSpareSegments(db, dataDir)
    const timer = setInterval(
      () => void checkpoint(db, dataDir, withRoom).catch(err => log.warn({ err }, 'the checkpoint failed')),
      CHECKPOINT_INTERVAL_MS,
    ).unref()
    return {
      db,
      async close() {
        clearInterval(timer)
        await db.destroy()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Without a server nothing else makes checkpoints, and the log would grow until the next start. */
async function checkpoint(
  db: Kysely<Schema>,
  dataDir: string,
  withRoom: NonNullable<PgliteOptions['withRoom']>,
): Promise<void> {
  const { rows } = await sql<{ bytes: number }>`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes
    from pg_control_checkpoint()`.execute(db)
  if (rows[0]!.bytes < WAL_SEGMENT_BYTES) return
  await withRoom(async () => {
    // It writes small files, and panics when it cannot.
    if ((await freeBytes(dataDir)) < MIB) throw new Error('there is no room for a checkpoint')
    await sql`checkpoint`.execute(db)
  })
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** A checkpoint turns segments that are no longer needed into spare ones: a new database has had none yet. */
async function prepareSpareSegments(db: Kysely<Schema>, dataDir: string): Promise<void> {
  const { rows } = await sql<{ spare: number }>`
    select count(*)::int as spare from pg_ls_waldir()
    where name ~ '^[0-9A-F]{24}$' and name > pg_walfile_name(pg_current_wal_lsn())`.execute(db)
  const missing = SPARE_SEGMENTS - rows[0]!.spare
  if (missing <= 0 || (await freeBytes(dataDir)) < 2 * SPARE_SEGMENTS * WAL_SEGMENT_BYTES) return
  for (let segment = 0; segment < missing; segment++) {
    // An empty segment is not left.
    await sql`select pg_logical_emit_message(true, 'longtake', '')`.execute(db)
    await sql`select pg_switch_wal()`.execute(db)
  }
  await sql`checkpoint`.execute(db)
}

/** Makes a new database beside its place and moves it there when it is whole: a start that is cut off leaves nothing half made. */
async function openDirectory(directory: string): Promise<PGlite> {
  if (!existsSync(directory)) {
    const draft = `${directory}.new`
    rmSync(draft, { recursive: true, force: true })
    const created = await PGlite.create({ fs: new SyncedFiles(draft), startParams: START })
    await created.close()
    syncTree(draft)
    renameSync(draft, directory)
    sync(join(directory, '..'))
  }
  return PGlite.create({ fs: new SyncedFiles(directory), startParams: START })
}

function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() || entry.isDirectory()) sync(join(entry.parentPath, entry.name))
  }
  sync(directory)
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
