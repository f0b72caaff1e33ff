import { type Kysely, sql } from 'kysely'

/** Webhooks, and the delivery of each event to each of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhooks (
      id uuid primary key,
      url text not null,
      events jsonb not null,
      secrets jsonb not null,
      disabled_at timestamptz(3),
      created_at timestamptz(3) not null default now()
    )`.execute(db)
  await sql`
    create table webhook_deliveries (
      id uuid primary key,
      webhook_id uuid not null references webhooks (id) on delete cascade,
      event_id uuid not null,
      type text not null,
      video_id uuid not null,
      time timestamptz(3) not null,
      state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
      attempts integer not null default 0,
      due_at timestamptz(3) not null default now(),
      lease_token uuid,
      response_status integer,
      response_body text,
      error text,
      attempted_at timestamptz(3),
      unique (webhook_id, event_id)
    )`.execute(db)
  await sql`create index webhook_deliveries_due on webhook_deliveries (due_at) where state = 'pending'`.execute(
    db,
  )
  await sql`create index webhook_deliveries_time on webhook_deliveries (time) where state <> 'pending'`.execute(
    db,
  )
}
