import { notFound } from '../../base/errors.ts'
import { type ExpectedVersions, isExpected, UnexpectedVersion } from '../../base/expected-versions.ts'
import { sha256Hex } from '../../base/hash.ts'
import type { Db } from '../../database/schema.ts'
import { enqueue } from '../../messaging/outbox.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { CHANGED } from '../changed.ts'
import { currentTranscripts } from '../current-transcripts.ts'
import { refreshSearch } from '../search/search-index.ts'
import { type PreparedEdit, prepareText, untilCurrent } from '../transcripts/prepared-edits.ts'
import { addEditedText, type WithinQuota } from '../transcripts/transcript-edits.ts'
import type { VideoRow } from './videos.ts'

export interface VideoChanges {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** A BCP 47 tag, or null to use the recognised language. */
  readonly language?: string | null | undefined
  /** The whole text of the transcript. */
  readonly transcript?: string | undefined
}

type Edited = Pick<VideoRow, 'title' | 'description' | 'tags' | 'language'> & {
  readonly transcript: { readonly text: string } | undefined
}

/** A version of the fields that a person can edit. Processing does not change it. */
export function editVersion({ title, description, tags, language, transcript }: Edited): string {
  const edited = JSON.stringify([title, description, tags, language, transcript?.text ?? null])
  return sha256Hex(edited).slice(0, 20)
}

/**
 * Checks the version and locks the row, so that the version stays the same until the transaction ends.
 * @throws ApiError 404 if there is no such video, UnexpectedVersion if its `editVersion` is not an expected one.
 */
export async function requireExpected(
  db: Db,
  id: string,
  expected: ExpectedVersions | undefined,
  table: 'videos' | 'all_videos' = 'videos',
): Promise<void> {
  if (!expected) return
  const row = await db
    .selectFrom(table)
    .select(['title', 'description', 'tags', 'language'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw notFound('The video')
  const transcript = await currentTranscripts(db, [id]).select('text').executeTakeFirst()
  if (isExpected(editVersion({ ...row, transcript }), expected)) return
  throw new UnexpectedVersion(
    'The current version of the video does not match the condition of the request. Read the video again.',
  )
}

/**
 * Changes the given fields.
 * @throws ApiError 404 if there is no such video, UnexpectedVersion, 413 if the text exceeds the owner's quota.
 */
export async function updateVideo(
  db: Db,
  id: string,
  changes: VideoChanges,
  { expected, withinQuota }: { expected?: ExpectedVersions | undefined; withinQuota?: WithinQuota } = {},
): Promise<void> {
  const { transcript: text } = changes
  const write = (edit?: PreparedEdit) => {
    const run = (trx: Db) => updateIn(trx, id, changes, { expected, edit })
    if (!withinQuota) return db.transaction().execute(run)
    return withinQuota(db, id, Buffer.byteLength(text ?? ''), run)
  }
  if (text === undefined) await write()
  else await untilCurrent(() => prepareText(db, id, text), write)
}

async function updateIn(
  trx: Db,
  id: string,
  changes: VideoChanges,
  { expected, edit }: { expected: ExpectedVersions | undefined; edit: PreparedEdit | undefined },
): Promise<void> {
  await requireExpected(trx, id, expected)
  const { transcript, tags, ...columns } = changes
  const video = await trx
    .updateTable('videos')
    .set({
      ...columns,
      ...(tags && { tags: [...tags] }),
      ...CHANGED,
    })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  if (!video) throw notFound('The video')
  if (transcript !== undefined && edit) await addEditedText(trx, id, transcript, edit)
  else await refreshSearch(trx, id)
}

/**
 * Permanently deletes a video whose upload is finished, with its upload and all rows about it, and records its files for removal. A worker
 * that is processing the video loses its lease.
 * @param table with `all_videos`, a video in the bin is deleted too. @throws ApiError 404 if there is no such video, UnexpectedVersion.
 */
export async function deleteVideo(
  db: Db,
  id: string,
  requestId: string | null,
  expected?: ExpectedVersions,
  table: 'videos' | 'all_videos' = 'videos',
): Promise<void> {
  await db.transaction().execute(async trx => {
    await requireExpected(trx, id, expected, table)
    const video = await trx
      .deleteFrom('all_videos')
      .where('id', '=', id)
      .where('status', '<>', 'uploading')
      .$if(table === 'videos', query => query.where('binned_at', 'is', null))
      .returning(['storage_key', 'owner', 'binned_at'])
      .$narrowType<{ storage_key: string }>()
      .executeTakeFirst()
    if (!video) throw notFound('The video')
    await trx.deleteFrom('all_uploads').where('id', '=', id).execute()
    await noteRemoval(trx, video.storage_key, `artifacts/${id}/`)
    const { owner, binned_at } = video
    // The event was sent when it was moved to the bin.
    if (binned_at) return
    await enqueue(trx, { type: 'video.deleted', video_id: id, owner, request_id: requestId })
  })
}
