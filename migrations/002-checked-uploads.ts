import { type Kysely, sql } from 'kysely'

/** Bytes behind the offset of an upload that is being written with a checksum are worth nothing until the checksum is verified. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table uploads add column unverified boolean not null default false`.execute(db)
}
