import type { Generated } from 'kysely'

export interface ObjectTables {
  removals: RemovalsTable
}

/** Stored objects to remove: no row refers to them any more, or not yet. */
export interface RemovalsTable {
  /** A storage key, or a prefix that ends in a slash. */
  key: string
  created_at: Generated<Date>
  /** Lease of the attempt that is about to write the object. It is removed if the attempt does not complete its step. */
  lease_token: string | null
}
