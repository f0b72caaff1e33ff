import { type Kysely, sql } from 'kysely'

/** Columns with which owners take turns, and with which lost workers and machine faults do not count as attempts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table steps
      add column owner text not null default '',
      add column turn bigint not null default 0,
      add column worker uuid,
      add column losses integer not null default 0,
      add column machine_faults integer not null default 0`.execute(db)
  await sql`
    update steps set owner = videos.owner
    from videos
    where videos.id = steps.video_id and videos.owner is not null`.execute(db)
  await sql`drop index steps_due`.execute(db)
  await sql`create index steps_due on steps (name, turn, due_at) where state = 'pending'`.execute(db)
  await sql`create index steps_turns on steps (name, owner, turn) where state = 'pending'`.execute(db)
  await sql`create index steps_given_up on steps (due_at) where state = 'failed' and due_at is not null`.execute(
    db,
  )
  await sql`create index steps_machine_faults on steps (error_code) where machine_faults > 0`.execute(db)

  // A row for each lease whose worker was lost. It shows whether a step crashes workers or workers are killed for other reasons.
  await sql`
    create table lost_leases (
      video_id uuid not null references videos (id) on delete cascade,
      step text not null,
      worker uuid not null,
      lost_at timestamptz(3) not null default now(),
      primary key (video_id, step, worker)
    )`.execute(db)
  await sql`create index lost_leases_lost_at on lost_leases (lost_at)`.execute(db)
}
