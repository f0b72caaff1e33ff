import { type QueryCreator, sql } from 'kysely'
import { prepared } from '../../database/prepared.ts'
import type { Db, Schema } from '../../database/schema.ts'
import { enqueue } from '../../messaging/outbox.ts'
import { noteRemoval } from '../../objects/removals.ts'
import { CHANGED } from '../changed.ts'
import { growingSteps, insertSteps } from '../pipeline/new-steps.ts'
import { PIPELINE } from '../pipeline/pipeline.ts'
import { refreshSearch } from '../search/search-index.ts'
import { tagsOf } from './tags.ts'

/** The fields of a video that the metadata of an upload can set. */
export interface Labels {
  readonly title: string
  readonly description: string
  readonly language: string | null
  readonly filename: string | null
  readonly tags: string[]
}

export interface NewVideo {
  readonly id: string
  readonly labels: Labels
  readonly owner: string | null
  readonly request_id: string | null
}

type Metadata = Readonly<Record<string, string | null>>

/** Reads the labels from metadata. The default title is the file name. */
export function labelsOf(metadata: Metadata): Labels {
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
 * Inserts a video with the status `uploading`, and the steps that can run while the upload grows, in the same statement as the row of the
 * upload. The event `video.uploaded` follows when the upload is finished.
 */
export function withNewVideo(
  db: Db,
  { id, labels, owner, request_id }: NewVideo,
  pipeline = PIPELINE,
): Pick<QueryCreator<Schema>, 'insertInto'> {
  const video = db.with('video', db =>
    db.insertInto('videos').values({ id, ...labels, owner, request_id, status: 'uploading' as const }),
  )
  const steps = growingSteps(id, owner, pipeline)
  return steps.length === 0 ? video : video.with('begun', db => db.insertInto('steps').values(steps))
}

/** Columns that apply changed metadata to a video. Labels that a person has edited keep their value. */
export function relabeled(before: Metadata, after: Metadata) {
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
  /** Whether chunks of the recording were never received. */
  readonly incomplete: boolean
}

/**
 * Changes the status of a video from `uploading` to `processing`, makes its steps due, and enqueues `video.uploaded`. Call it in the
 * transaction that finishes the upload. @throws Error if there is no such video.
 */
export async function finishVideo(db: Db, id: string, source: FinishedSource): Promise<void> {
  const [video] = await markProcessing(db, { id, ...source })
  if (!video) throw new Error(`upload ${id} has no video`)
  await insertSteps(db, id)
  await refreshSearch(db, id)
  await enqueue(db, { type: 'video.uploaded', video_id: id, ...video })
}

const markProcessing = prepared<
  FinishedSource & { readonly id: string },
  { owner: string | null; request_id: string | null }
>('finish-video', (db, value) =>
  db
    .updateTable('videos')
    .set({
      size: value('size'),
      storage_key: value('storage_key'),
      incomplete: value('incomplete'),
      status: 'processing',
      // A client that lists videos with `created_after` finds this one, however long its upload took.
      created_at: sql<Date>`now()`,
      ...CHANGED,
    })
    .where('id', '=', value('id'))
    .where('status', '=', 'uploading')
    .returning(['owner', 'request_id']),
)

/** Removes the video of an unfinished upload. No event is sent, because none has announced the video. */
export async function deleteUploading(db: Db, id: string): Promise<void> {
  const deleted = await db
    .deleteFrom('videos')
    .where('id', '=', id)
    .where('status', '=', 'uploading')
    .returning('id')
    .executeTakeFirst()
  if (deleted) await noteRemoval(db, `artifacts/${id}/`)
}
