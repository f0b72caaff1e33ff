import { type Kysely, sql } from 'kysely'

/**
 * Counts for limits that all api processes share. The tables are unlogged, because writing them costs less and a crash of the database may
 * lose counts. Keys are hashes, because a key can contain an IP address or the name of a person.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create unlogged table request_counts (
      key text primary key,
      requests int not null,
      ends_at timestamptz not null
    )`.execute(db)
  await sql`
    create unlogged table share_counts (
      key text,
      process uuid,
      taken int not null,
      held_until timestamptz not null,
      primary key (key, process)
    )`.execute(db)
}
