import type { Db } from '../../database/schema.ts'

/** Who looks: at everybody's uploads and videos, or at those of one owner. */
export interface Viewer {
  readonly all: boolean
  readonly owner: string | null
}

/** Whether somebody may know that an upload or a video is there. */
export async function sees(
  db: Db,
  { all, owner }: Viewer,
  table: 'uploads' | 'videos',
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
