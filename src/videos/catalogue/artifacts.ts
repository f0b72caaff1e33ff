import type { Selectable } from 'kysely'
import { sha256Stream } from '../../base/hash.ts'
import type { Db } from '../../database/schema.ts'
import type { ArtifactKind, ArtifactsTable } from '../../database/tables/videos.ts'

export type ArtifactRow = Selectable<ArtifactsTable>

export async function findArtifact(
  db: Db,
  videoId: string,
  kind: ArtifactKind,
  variant = '',
): Promise<ArtifactRow | undefined> {
  return db
    .selectFrom('artifacts')
    .selectAll()
    .where('video_id', '=', videoId)
    .where('kind', '=', kind)
    .where('variant', '=', variant)
    .executeTakeFirst()
}

/** The version in an artifact's URL. It changes when the step runs again, because the new file has another key. */
export function artifactVersion({ storage_key }: ArtifactRow): string {
  return sha256Stream().update(storage_key).digest('base64url').slice(0, 8)
}

/** The artifact of the first of these kinds that exists. */
export async function firstArtifact(
  db: Db,
  videoId: string,
  kinds: readonly ArtifactKind[],
): Promise<ArtifactRow | undefined> {
  const found = await db
    .selectFrom('artifacts')
    .selectAll()
    .where('video_id', '=', videoId)
    .where('kind', 'in', kinds)
    .execute()
  return kinds.flatMap(kind => found.filter(artifact => artifact.kind === kind))[0]
}

/** The poster of each video in the size of lists. Videos of older versions have only one size. */
export async function smallPosters(db: Db, videoIds: readonly string[]): Promise<Map<string, ArtifactRow>> {
  if (videoIds.length === 0) return new Map()
  const found = await db
    .selectFrom('artifacts')
    .selectAll()
    .where('video_id', 'in', videoIds)
    .where('kind', 'in', ['poster', 'poster_small'])
    // `poster_small` comes last, and stays in the map.
    .orderBy('kind')
    .execute()
  return new Map(found.map(poster => [poster.video_id, poster]))
}
