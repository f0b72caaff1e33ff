import type { Db } from '../../database/schema.ts'

/** The last transaction of each owner that has one. */
const last = new Map<string, Promise<void>>()

/**
 * Runs a transaction that adds to what an owner has, after those of the same owner that were asked for before. They wait for each other in
 * any case (`lockOwner`): here they do so without a connection, of which the database has few for all owners together.
 * @param owner null without sign-in, when nothing waits.
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
