import type { Db } from './schema.ts'

/**
 * Runs several reads on one snapshot, so that they never see a transaction in part that commits between them. Inside an open transaction, the
 * reads use that transaction's own view.
 */
export async function snapshot<T>(db: Db, read: (db: Db) => Promise<T>): Promise<T> {
  if (db.isTransaction) return read(db)
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read)
}
