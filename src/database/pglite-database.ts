import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import { lockDataDirectory } from './data-lock.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'
import { SYNCED, SyncedFiles } from './synced-files.ts'

// V8 would optimize PostgreSQL's largest functions anew at each start, which takes 0.4 s of CPU and 400 MB of memory. Without, queries
// take up to 1.4 times as long.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag)

/** PostgreSQL's own 128 MB would all be in memory from the start, and its files are cached by the system as well. */
const START = [...SYNCED, '-c', 'shared_buffers=32MB']

/**
 * The embedded database: PostgreSQL in this process, in `{dataDir}/database`.
 * It has one connection: inside a transaction only the transaction may be used.
 * @throws StartError when another process uses the directory.
 */
export async function openPglite(dataDir: string): Promise<Database> {
  const unlock = lockDataDirectory(dataDir)
  try {
    const pglite = await openDirectory(join(dataDir, 'database'))
    const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) })
    await migrate(db)
    return {
      db,
      async close() {
        await db.destroy()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
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
