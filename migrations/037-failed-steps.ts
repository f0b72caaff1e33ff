import { type Kysely, sql } from 'kysely'

/** For the list of videos that can be watched and of which a step failed. If `probe` fails, the video itself has the status `failed`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index steps_failed on steps (video_id) where state = 'failed' and name <> 'probe'`.execute(
    db,
  )
}
