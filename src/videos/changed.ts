import { sql } from 'kysely'

/** Marks the row of a video as changed, for its watchers. */
export const CHANGED = { version: sql<number>`version + 1`, updated_at: sql<Date>`now()` }
