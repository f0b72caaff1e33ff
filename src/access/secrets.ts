import { randomBytes } from 'node:crypto'
import type { Db } from '../database/schema.ts'

const SECRET_BYTES = 32

/** A random value that is created on first use and is then the same for all processes. */
export async function durableSecret(db: Db, name: string): Promise<string> {
  await db
    .insertInto('secrets')
    .values({ name, value: randomBytes(SECRET_BYTES).toString('base64url') })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  const { value } = await db
    .selectFrom('secrets')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return value
}
