import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** An open, migrated database. */
export interface Database {
  readonly db: Kysely<Schema>
  close(): Promise<void>
}
