import { sql } from 'kysely'
import { ApiError } from '../../base/errors.ts'
import { isCanonicalId } from '../../base/ids.ts'
import type { Db } from '../../database/schema.ts'
import type { BinnedVideo } from './bin.ts'
import { inBin } from './bin-totals.ts'
import { VIDEO_COLUMNS } from './videos.ts'
import type { Viewer } from './viewer.ts'

export interface BinPage {
  readonly items: readonly BinnedVideo[]
  /** Asks for the page after this one; null at the end. */
  readonly nextCursor: string | null
}

/**
 * One page of the bin that somebody may see, the latest deletion first, by keyset.
 * @throws ApiError 400 for a cursor that is not of this list.
 */
export async function listBin(
  db: Db,
  viewer: Viewer,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<BinPage> {
  const rows = await db
    .selectFrom('all_videos')
    .select([...VIDEO_COLUMNS, 'binned_at'])
    .where(inBin(viewer))
    .$if(cursor !== undefined, query => {
      const [time, id] = decode(cursor!)
      return query.where(sql<boolean>`(binned_at, id) < (${time}::timestamptz, ${id}::uuid)`)
    })
    .orderBy('binned_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .$narrowType<{ binned_at: Date; size: number }>()
    .execute()
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items, nextCursor: last ? encode(last.binned_at.toISOString(), last.id) : null }
}

function encode(time: string, id: string): string {
  return Buffer.from(JSON.stringify([time, id])).toString('base64url')
}

function decode(cursor: string): [time: string, id: string] {
  try {
    const [time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof time === 'string' && isTime(time) && isCanonicalId(id) && encode(time, id) === cursor)
      return [time, id]
  } catch {
    // Not JSON: refused below.
  }
  throw new ApiError(
    400,
    'invalid_cursor',
    'The cursor does not belong to this list: begin again without one.',
    'cursor',
  )
}

/** Whether a text is a time as this list writes it, in a year that PostgreSQL accepts. */
function isTime(text: string): boolean {
  const time = new Date(text)
  return (
    !Number.isNaN(time.getTime()) &&
    /^\d{4}-/.test(text) &&
    !text.startsWith('0000') &&
    time.toISOString() === text
  )
}
