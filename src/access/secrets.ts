import { randomBytes } from 'node:crypto'
import type { Db } from '../database/schema.ts'

const BYTES = 32

/** A random value that is made at the first asking, and the same for all processes from then on. */
export async function durableSecret(db: Db, name: string): Promise<string> {
  await db
    .insertInto('secrets')
    .values({ name, value: randomBytes(BYTES).toString('base64url') })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  const { value } = await db
    .selectFrom('secrets')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return value
}
