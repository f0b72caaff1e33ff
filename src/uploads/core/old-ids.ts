import type { Db } from '../../database/schema.ts'

/** Where imported uploads come from. */
export type Origin = 'video' | 'recording' | 'tus' | 'folder'

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/**
 * The id that an upload had before it was imported, with its origin: ids of different applications can be the same. A UUID is the same
 * in each of its forms: SQLite keeps Django's without hyphens, and clients were told it with them.
 */
export function oldIdOf(origin: Origin, id: string): string {
  return `${origin}:${UUID.test(id) ? id.replace(UUID, '$1-$2-$3-$4-$5').toLowerCase() : id}`
}

/** The upload that was imported under this id. */
export async function findImported(db: Db, origin: Origin, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('uploads')
    .select('id')
    .where('old_id', '=', oldIdOf(origin, id))
    .executeTakeFirst()
  return row?.id
}

/** The ids that imported videos had, by their ids. */
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
