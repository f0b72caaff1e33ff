import { createHash } from 'node:crypto'
import { ApiError, notFound } from '../../base/errors.ts'
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
  /** A BCP 47 tag, or null for the recognised language. */
  readonly language?: string | null | undefined
  /** The whole text of the transcript. */
  readonly transcript?: string | undefined
}

type Edited = Pick<VideoRow, 'title' | 'description' | 'tags' | 'language'> & {
  readonly transcript: { readonly text: string } | undefined
}

/** The entity tag of everything that a person can change of a video. Processing does not change it. */
export function editTag({ title, description, tags, language, transcript }: Edited): string {
  const edited = JSON.stringify([title, description, tags, language, transcript?.text ?? null])
  return createHash('sha256').update(edited).digest('hex').slice(0, 20)
}

/** Whether a client has seen the current state of a video, by its `editTag`. */
export type Precondition = (tag: string) => boolean

/** Locks the row, so that it stays as it is. @throws ApiError 404 if there is no such video, 412 if it is not what its client has seen. */
export async function requireSeen(db: Db, id: string, isSeen: Precondition | undefined): Promise<void> {
  if (!isSeen) return
  const row = await db
    .selectFrom('videos')
    .select(['title', 'description', 'tags', 'language'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw notFound('The video')
  const transcript = await currentTranscripts(db, [id]).select('text').executeTakeFirst()
  if (isSeen(editTag({ ...row, transcript }))) return
  throw new ApiError(
    412,
    'precondition_failed',
    'The video does not match the condition (any more): read it again.',
    'if-match',
  )
}

/**
 * Changes the given fields.
 * @throws ApiError 404 if there is no such video, 412 if the client has not seen its current state, 413 if it exceeds the owner's quota.
 */
export async function updateVideo(
  db: Db,
  id: string,
  changes: VideoChanges,
  { isSeen, withinQuota }: { isSeen?: Precondition | undefined; withinQuota?: WithinQuota } = {},
): Promise<void> {
  const { transcript: text } = changes
  const write = (edit?: PreparedEdit) => {
    const run = (trx: Db) => updateIn(trx, id, changes, { isSeen, edit })
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
  { isSeen, edit }: { isSeen: Precondition | undefined; edit: PreparedEdit | undefined },
): Promise<void> {
  await requireSeen(trx, id, isSeen)
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
 * Deletes a video that is uploaded, with its upload and all rows about it, and notes its files to be removed. A worker that is busy with it
 * finds its lease gone. @throws ApiError 404 if there is no such video, 412 if the client has not seen its current state.
 */
export async function deleteVideo(
  db: Db,
  id: string,
  requestId: string | null,
  isSeen?: Precondition,
): Promise<void> {
  await db.transaction().execute(async trx => {
    await requireSeen(trx, id, isSeen)
    const video = await trx
      .deleteFrom('videos')
      .where('id', '=', id)
      .where('status', '<>', 'uploading')
      .returning(['storage_key', 'owner'])
      .$narrowType<{ storage_key: string }>()
      .executeTakeFirst()
    if (!video) throw notFound('The video')
    await trx.deleteFrom('uploads').where('id', '=', id).execute()
    await noteRemoval(trx, video.storage_key, `artifacts/${id}/`)
    const { owner } = video
    await enqueue(trx, { type: 'video.deleted', video_id: id, owner, request_id: requestId })
  })
}
