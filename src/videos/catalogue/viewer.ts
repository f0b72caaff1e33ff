import type { Db } from '../../database/schema.ts'

/** The owners whose uploads and videos a request may see: all owners, or one. */
export interface Viewer {
  readonly all: boolean
  readonly owner: string | null
}

/** Whether a request may know that an upload or a video exists. */
export async function canSee(
  db: Db,
  { all, owner }: Viewer,
  table: 'uploads' | 'videos' | 'all_videos',
  id: string,
): Promise<boolean> {
  if (all) return true
  if (owner === null) return false
  const found = await db
    .selectFrom(table)
    .select('id')
    .where('id', '=', id)
    .where('owner', '=', owner)
    .executeTakeFirst()
  return found !== undefined
}
