import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'

/*
 * A final upload whose parts may all be complete has a row in `concatenations_due`, so that a sweep reads no upload that still waits for a
 * part. It gets the row when it is created and whenever a part is finished or deleted, and loses it when it is finished or found to wait.
 */

/** Final uploads to concatenate: their parts may all be complete, or a process died while it concatenated them. */
export async function dueConcatenations(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('concatenations_due').select('id').execute()
  return rows.map(row => row.id)
}

/** Makes the concatenation of a final upload due. Call it in the transaction that creates the upload. */
export async function makeDue(trx: Db, id: string): Promise<void> {
  await trx
    .insertInto('concatenations_due')
    .values({ id })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/** Makes every unfinished final upload due, in case a process of an earlier version has finished a part and did not do it. */
export async function makeAllDue(db: Db): Promise<void> {
  await sql`
    insert into concatenations_due select id from uploads where concat = 'final' and finished_at is null
    on conflict do nothing`.execute(db)
}

/** Makes the final uploads due that wait for a part. Call it in the transaction that finishes or deletes the part. */
export async function makeWaitingDue(trx: Db, part: string): Promise<void> {
  await sql`
    insert into concatenations_due select id from uploads where ${waitsFor([part])}
    on conflict do nothing`.execute(trx)
}

/** The final uploads that wait for any of these parts. */
export async function waitingFor(db: Db, parts: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from uploads where ${waitsFor(parts)}`.execute(db)
  return rows.map(row => row.id)
}

/** Written like the index on the words of the parts' URLs. */
function waitsFor(parts: readonly string[]) {
  return sql<boolean>`concat = 'final' and finished_at is null
    and regexp_split_to_array(parts::text, '[/?"]+') && ${parts}::text[]`
}

/** Ends the due row of a final upload that is finished, gone, or can never be concatenated. */
export async function makeUndue(db: Db, id: string): Promise<void> {
  await db.deleteFrom('concatenations_due').where('id', '=', id).execute()
}

/**
 * Ends the due row of a final upload that waits for a part, unless the part has been finished meanwhile.
 * @param part a part that was not finished.
 */
export async function waitForPart(db: Db, id: string, part: string): Promise<void> {
  await db.transaction().execute(async trx => {
    // While the part is locked, no transaction can finish it: one that does so later makes the final upload due again.
    const waits = await trx
      .selectFrom('uploads')
      .select('id')
      .where('id', '=', part)
      .where('finished_at', 'is', null)
      .forShare()
      .executeTakeFirst()
    if (waits) await makeUndue(trx, id)
  })
}
