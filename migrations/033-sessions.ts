import { type Kysely, sql } from 'kysely'

/** Sessions of browsers. Only the hash of a cookie is stored, so that the table permits nobody to sign in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table sessions (
      hash text primary key,
      key_id uuid references api_keys (id) on delete cascade,
      owner text not null,
      scopes text[] not null,
      credential text not null,
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null
    )`.execute(db)
  await sql`create index sessions_expiry on sessions (expires_at)`.execute(db)
}
