import { type Kysely, sql } from 'kysely'

/** Several artifacts of one kind per video, such as captions in several languages, and the chapters of a video. */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  await sql`alter table artifacts add column variant text not null default ''`.execute(db)
  await sql`alter table artifacts drop constraint artifacts_pkey`.execute(db)
  await sql`alter table artifacts add primary key (video_id, kind, variant)`.execute(db)
  await sql`alter table videos add column chapters jsonb not null default '[]'`.execute(db)
}
