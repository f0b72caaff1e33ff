import { type Kysely, sql } from 'kysely'

/**
 * Results of speech-to-text are found by the hash of a chunk's own samples. Older results used the hash of the whole audio and the chunk's
 * position in it. They cannot be converted, so they are deleted.
 */
// biome-ignore lint/suspicious/noExplicitAny: a migration is frozen and knows no schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`delete from transcript_pieces`.execute(db)
  await sql`alter table transcript_pieces rename to transcript_chunks`.execute(db)
  await sql`alter index transcript_pieces_pkey rename to transcript_chunks_pkey`.execute(db)
  await sql`alter index transcript_pieces_fingerprint rename to transcript_chunks_fingerprint`.execute(db)
}
