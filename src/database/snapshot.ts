import type { Db } from './schema.ts'

/**
 * Reads in several statements what is there at one moment: a transaction that is committed between two of them would show its rows in
 * part. Within a transaction that is under way, its own view counts.
 */
export async function snapshot<T>(db: Db, read: (db: Db) => Promise<T>): Promise<T> {
  if (db.isTransaction) return read(db)
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read)
}
