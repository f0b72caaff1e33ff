import type { Generated } from 'kysely'

export interface ImportTables {
  imports: ImportsTable
}

/** A record of an imported upload. It outlives the upload. */
export interface ImportsTable {
  /** Same value as `old_id` in `uploads`. */
  old_id: string
  /** Hash of the origin. The same id with another hash comes from another origin. */
  fingerprint: string
  imported_at: Generated<Date>
}
