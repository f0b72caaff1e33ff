import type { Db } from '../../database/schema.ts'

/** The source of an imported upload. */
export type Origin = 'video' | 'recording' | 'tus' | 'folder'

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/**
 * The id that an upload had before it was imported, together with its origin, because different applications can use the same id. UUIDs are
 * written with hyphens, as clients know them; Django stores them in SQLite without hyphens.
 */
export function oldIdOf(origin: Origin, id: string): string {
  return `${origin}:${UUID.test(id) ? id.replace(UUID, '$1-$2-$3-$4-$5').toLowerCase() : id}`
}

/** The present id of the upload that had the id `id` before it was imported. */
export async function findImported(db: Db, origin: Origin, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('uploads')
    .select('id')
    .where('old_id', '=', oldIdOf(origin, id))
    .executeTakeFirst()
  return row?.id
}

/** Maps the present ids of imported videos to the ids that they had before. */
export async function oldIds(db: Db, origin: Origin, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('uploads')
    .select(['id', 'old_id'])
    .where('id', 'in', ids)
    .where('old_id', 'like', `${origin}:%`)
    .execute()
  return new Map(rows.map(row => [row.id, row.old_id!.slice(origin.length + 1)]))
}
