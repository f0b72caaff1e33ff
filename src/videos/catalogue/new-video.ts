import { type QueryCreator, sql } from 'kysely'
import type { Db, Schema } from '../../database/schema.ts'
import { enqueue } from '../../messaging/outbox.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { CHANGED } from '../changed.ts'
import { growingSteps, insertSteps } from '../pipeline/new-steps.ts'
import { PIPELINE } from '../pipeline/pipeline.ts'
import { refreshSearch } from '../search/search-index.ts'
import { tagsOf } from './tags.ts'

/** The texts of a video that an upload's metadata can set. */
export interface Labels {
  readonly title: string
  readonly description: string
  readonly language: string | null
  readonly filename: string | null
  readonly tags: string[]
}

export interface NewVideo {
  readonly id: string
  readonly metadata: Readonly<Record<string, string | null>>
  readonly owner: string | null
  readonly request_id: string | null
}

/** The labels of a video. A video without a title is named after its file. */
export function labelsOf(metadata: NewVideo['metadata']): Labels {
  const { title, description, language, filename, tags } = metadata
  return {
    title: title?.trim() || stemOf(filename) || 'Untitled',
    description: description ?? '',
    language: language || null,
    filename: filename || null,
    tags: tagsOf(tags?.split(',') ?? []),
  }
}

/** A file's name without directories and extension. */
function stemOf(filename: string | null | undefined): string | undefined {
  const name = filename?.split(/[/\\]/).at(-1) ?? ''
  return name.replace(/(?<=.)\.[^.]{1,5}$/, '').trim() || undefined
}

/**
 * Inserts a video with the status `uploading`, and the steps that can work while it grows, in the same statement as the row of its upload.
 * It is announced when its upload is finished.
 */
export function withNewVideo(
  db: Db,
  { id, metadata, owner, request_id }: NewVideo,
  pipeline = PIPELINE,
): Pick<QueryCreator<Schema>, 'insertInto'> {
  const video = db.with('video', db =>
    db
      .insertInto('videos')
      .values({ id, ...labelsOf(metadata), owner, request_id, status: 'uploading' as const }),
  )
  const steps = growingSteps(id, owner, pipeline)
  return steps.length === 0 ? video : video.with('begun', db => db.insertInto('steps').values(steps))
}

/** The labels that later metadata gives to a video, except those that a person has edited since `before`. */
export function relabeled(before: NewVideo['metadata'], after: NewVideo['metadata']) {
  const [from, to] = [labelsOf(before), labelsOf(after)]
  return {
    title: sql<string>`case when title = ${from.title} then ${to.title} else title end`,
    description: sql<string>`case when description = ${from.description} then ${to.description} else description end`,
    language: sql<string>`case when language is not distinct from ${from.language} then ${to.language} else language end`,
    tags: sql<string[]>`case when tags = ${from.tags}::text[] then ${to.tags}::text[] else tags end`,
    filename: to.filename,
  }
}

export interface FinishedSource {
  /** Bytes. */
  readonly size: number
  readonly storage_key: string
  /** Whether parts of a recording never came. */
  readonly incomplete: boolean
}

/**
 * Makes a video of an upload that is finished: it leaves the status `uploading`, its steps are due, and `video.uploaded` is enqueued. Call
 * it in the transaction that finishes the upload. Its labels stay as they are. @throws Error if there is no such video.
 */
export async function finishVideo(db: Db, id: string, source: FinishedSource): Promise<void> {
  const video = await db
    .updateTable('videos')
    .set({
      ...source,
      status: 'processing',
      // A client that asks for videos after the last one it knows finds this one, however long its upload took.
      created_at: sql<Date>`now()`,
      ...CHANGED,
    })
    .where('id', '=', id)
    .where('status', '=', 'uploading')
    .returning(['owner', 'request_id'])
    .executeTakeFirst()
  if (!video) throw new Error(`upload ${id} has no video`)
  await insertSteps(db, id)
  await refreshSearch(db, id)
  await enqueue(db, { type: 'video.uploaded', video_id: id, ...video })
}

/** Removes the video of an upload that is removed before it is finished. No event tells of it. */
export async function deleteUploading(db: Db, id: string): Promise<void> {
  const deleted = await db
    .deleteFrom('videos')
    .where('id', '=', id)
    .where('status', '=', 'uploading')
    .returning('id')
    .executeTakeFirst()
  if (deleted) await noteRemoval(db, `artifacts/${id}/`)
}
