import { sql } from 'kysely'
import type { Topic } from '../base/signal.ts'
import type { Db } from './schema.ts'

/** The PostgreSQL channel for signals between processes. */
export const SIGNAL_CHANNEL = 'longtake'

/** Sends a signal from a program that has no `Signal`, such as a command. In a transaction, PostgreSQL sends it with the commit. */
export async function announce(db: Db, topic: Topic): Promise<void> {
  await sql`select pg_notify(${SIGNAL_CHANNEL}, ${topic})`.execute(db)
}
