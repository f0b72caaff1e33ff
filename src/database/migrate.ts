import fs from 'node:fs/promises'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import type { Schema } from './schema.ts'

const MIGRATIONS = path.join(import.meta.dirname, '../../migrations')

/**
 * Brings the schema up to date, one transaction for all that is missing, under Kysely's advisory lock: processes that start
 * together wait for each other.
 * @throws the error of the migration that failed; the schema is then as it was.
 */
export async function migrate(db: Kysely<Schema>): Promise<string[]> {
  const provider = new FileMigrationProvider({ fs, path, migrationFolder: MIGRATIONS })
  const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw error
  return results.map(result => result.migrationName)
}
