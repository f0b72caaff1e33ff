import { type Kysely, sql } from 'kysely'

/** `all_uploads_owner` is the same index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index if exists uploads_owner`.execute(db)
}
