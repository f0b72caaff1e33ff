import { sql } from 'kysely'

/** Columns to set with every change of a video. Event streams compare `version`. */
export const CHANGED = { version: sql<number>`version + 1`, updated_at: sql<Date>`now()` }
