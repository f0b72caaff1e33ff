import { type Kysely, sql } from 'kysely'

/** Requests of the old recorder that send chunks, in the order in which they began, at whichever process. A row exists while a request runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table recording_turns (
      number bigint primary key generated always as identity,
      recording_id uuid not null references recordings (id) on delete cascade,
      held_until timestamptz(3) not null
    )`.execute(db)
  await sql`create index recording_turns_recording on recording_turns (recording_id, number)`.execute(db)
}
