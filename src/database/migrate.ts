import fs from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Kysely, sql } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import { StartError } from '../base/errors.ts'
import type { Schema } from './schema.ts'

const MIGRATIONS = path.join(import.meta.dirname, '../../migrations')

/**
 * Runs all missing migrations in one transaction, under Kysely's advisory lock: processes that start together wait for each other.
 * @throws the error of the migration that failed; the schema is then as it was.
 */
export async function migrate(db: Kysely<Schema>): Promise<string[]> {
  if (await isUpToDate(db)) return []
  const provider = new FileMigrationProvider({ fs, path, migrationFolder: MIGRATIONS })
  const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw error
  return results.map(result => result.migrationName)
}

/** @throws StartError if the tables belong to another version. */
export async function requireMigrated(db: Kysely<Schema>): Promise<void> {
  if (await isUpToDate(db)) return
  throw new StartError(
    'DATABASE_URL: the database has the tables of another version. Start the service of this version first.',
  )
}

/** Two short queries, because Kysely's check reads the whole schema, which takes a third of the embedded database's start. */
async function isUpToDate(db: Kysely<Schema>): Promise<boolean> {
  const { rows: tables } = await sql<{ known: boolean }>`
    select to_regclass('kysely_migration') is not null as known`.execute(db)
  if (!tables[0]!.known) return false
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const files = (await fs.readdir(MIGRATIONS)).map(file => path.parse(file).name).sort()
  return isDeepStrictEqual(
    rows.map(({ name }) => name),
    files,
  )
}
