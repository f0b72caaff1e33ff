import type { Db } from '../../database/schema.ts'

/** The last transaction of each owner. */
const last = new Map<string, Promise<void>>()

/**
 * Runs transactions that add bytes for the same owner one after another. They would wait for each other in any case (`lockOwner`), but each
 * would occupy one of the few connections that all owners share.
 * @param owner null when authentication is off: then the transaction does not wait.
 */
export async function inTurn<T>(db: Db, owner: string | null, work: (trx: Db) => Promise<T>): Promise<T> {
  const run = () => db.transaction().execute(work)
  if (owner === null) return run()
  const result = (last.get(owner) ?? Promise.resolve()).then(run)
  const over = result.then(
    () => {},
    () => {},
  )
  last.set(owner, over)
  try {
    return await result
  } finally {
    if (last.get(owner) === over) last.delete(owner)
  }
}
