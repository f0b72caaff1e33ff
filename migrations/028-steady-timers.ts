import { type Kysely, sql } from 'kysely'

/**
 * Indexes for statements on timers and for limits of owners, so that each statement reads only the rows that are due. `if not exists`, because
 * an operator can create the indexes before an upgrade without blocking writers.
 */
// biome-ignore lint/suspicious/noExplicitAny: migrations do not depend on today's schema.
export async function up(db: Kysely<any>): Promise<void> {
  // Recordings of finished uploads are kept. Without this column, each sweep would read all of them.
  await sql`alter table recordings add column is_ended boolean not null default false`.execute(db)
  await sql`
    update recordings set is_ended = true from uploads
    where uploads.id = recordings.id and uploads.finished_at is not null`.execute(db)
  for (const [name, definition] of INDEXES)
    await sql`create index if not exists ${sql.id(name)} on ${sql.raw(definition)}`.execute(db)
  // The old index also contained steps that wait for other steps, before all steps that are due.
  await sql`drop index steps_due`.execute(db)
}

const INDEXES = [
  ['recordings_closed', 'recordings (id) where closed_at is not null and not is_ended'],
  ['uploads_complete', 'uploads (id) where finished_at is null and "offset" = length'],
  ['uploads_unfinished_owner', 'uploads (owner) where finished_at is null and owner is not null'],
  ['uploads_unfinished_finals', `uploads (owner) where concat = 'final' and finished_at is null`],
  ['uploads_final_parts', `uploads using hash (parts) where concat = 'final'`],
  ['steps_next', `steps (name, turn, due_at) where state = 'pending' and due_at is not null`],
  ['steps_due_at', `steps (due_at) where state = 'pending' and due_at is not null`],
  ['steps_lease_token', 'steps (lease_token) where lease_token is not null'],
  ['idempotent_requests_running', 'idempotent_requests (lease_until) where status is null'],
] as const
