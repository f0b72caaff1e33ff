import type { Db } from '../database/schema.ts'

/** @returns the fingerprint of the item that was imported with an old id. */
export async function findImport(db: Db, oldId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('imports')
    .select('fingerprint')
    .where('old_id', '=', oldId)
    .executeTakeFirst()
  return row?.fingerprint
}

/** Records an import. Call it in the transaction that makes the item visible. */
export async function noteImport(trx: Db, oldId: string, fingerprint: string): Promise<void> {
  await trx.insertInto('imports').values({ old_id: oldId, fingerprint }).execute()
}
