import { sql } from 'kysely'
import { STEP_NAMES, type StepName } from '../database/tables/steps.ts'
import type { ArtifactKind } from '../database/tables/videos.ts'
import { finishUpload } from '../uploads/core/finish.ts'
import { growingUpload } from '../uploads/core/growing-upload.ts'
import { completeUploads, objectKeyOf } from '../uploads/core/upload-rows.ts'
import { PIPELINE } from '../videos/pipeline/pipeline.ts'
import { retrySteps } from '../videos/pipeline/retry.ts'
import type { Finding, Installation } from './finding.ts'

const PAGE_ROWS = 1000

/** Checks that every video has its source, with the right size. */
export async function* checkSources({ db, storage, place }: Installation): AsyncIterable<Finding> {
  for await (const video of pages(last =>
    db
      .selectFrom('all_videos')
      .select(['id', 'title', 'size', 'storage_key'])
      .where('status', '<>', 'uploading')
      .$narrowType<{ storage_key: string }>()
      .$if(last !== undefined, query => query.where('id', '>', last!))
      .orderBy('id')
      .limit(PAGE_ROWS)
      .execute(),
  )) {
    const size = await storage.size(video.storage_key)
    const name = `video ${video.id} (${JSON.stringify(video.title.slice(0, 60))})`
    if (size === undefined) {
      yield {
        kind: 'source_missing',
        subject: video.storage_key,
        message: `The source of ${name} is missing. Restore ${place}/${video.storage_key} from a backup and retry the video, or delete the video.`,
      }
    } else if (size !== video.size) {
      yield {
        kind: 'source_differs',
        subject: video.storage_key,
        message: `The source of ${name} has ${size} bytes instead of ${video.size}. Restore ${place}/${video.storage_key} from a backup.`,
      }
    }
  }
}

interface ArtifactRow {
  readonly id: string
  readonly kind: ArtifactKind
  readonly size: number
  readonly storage_key: string
}

/** Checks that every artifact has its file. */
export async function* checkArtifacts({ db, storage }: Installation): AsyncIterable<Finding> {
  // In the order of the primary key: the order of the keys would sort the whole table for each page.
  for await (const { id, kind, size: expected, storage_key: key } of pages<ArtifactRow>((_, last) =>
    db
      .selectFrom('artifacts')
      .select(['video_id as id', 'kind', 'size', 'storage_key'])
      .$if(last !== undefined, query =>
        query.where(sql<boolean>`(video_id, kind) > (${last!.id}::uuid, ${last!.kind}::text)`),
      )
      .orderBy('video_id')
      .orderBy('kind')
      .limit(PAGE_ROWS)
      .execute(),
  )) {
    const size = await storage.size(key)
    if (size === expected) continue
    const fault = size === undefined ? 'is missing' : `has ${size} bytes instead of ${expected}`
    yield {
      kind: size === undefined ? 'artifact_missing' : 'artifact_differs',
      subject: key,
      message: `The ${kind} file of video ${id} ${fault}. It can be recreated from the source.`,
      repair: () => recreate({ db }, id, kind),
    }
  }
}

/** Repeats the step that creates an artifact. */
export async function recreate(
  { db }: Pick<Installation, 'db'>,
  videoId: string,
  kind: ArtifactKind,
): Promise<string> {
  const step = stepFor(kind)
  await retrySteps(db, videoId, step)
  return `The step ${step} of video ${videoId} runs again.`
}

function stepFor(kind: ArtifactKind): StepName {
  return STEP_NAMES.find(step => PIPELINE[step].makes.includes(kind))!
}

/** Checks that every unfinished upload has the bytes that were acknowledged. */
export async function* checkUploads({ db, bytes }: Installation): AsyncIterable<Finding> {
  for await (const upload of pages(last =>
    db
      .selectFrom('uploads')
      .select(['id', 'offset', 'storage_state', 'generation'])
      .where('finished_at', 'is', null)
      .where('offset', '>', 0)
      .$if(last !== undefined, query => query.where('id', '>', last!))
      .orderBy('id')
      .limit(PAGE_ROWS)
      .execute(),
  )) {
    const { id, offset } = upload
    const size = await bytes.size(growingUpload(upload))
    if (size >= offset) continue
    yield {
      kind: 'upload_bytes_missing',
      subject: `uploads/${id}`,
      message: `Upload ${id} has only ${size} of the ${offset} acknowledged bytes. Restore the file from a backup; otherwise its client gets 410 and must start over.`,
    }
  }
}

/** Checks that every complete upload is finished and has its video. A running service finishes uploads within seconds. */
export async function* checkFinished({ db, storage }: Installation): AsyncIterable<Finding> {
  for (const id of await completeUploads(db)) {
    yield {
      kind: 'upload_not_finished',
      subject: id,
      message: `Upload ${id} is complete but not finished. A running service finishes it within seconds.`,
    }
  }
  const lost = await db
    .selectFrom('uploads')
    .select(['id', 'length', 'object_key'])
    .where('finished_at', 'is not', null)
    .where('concat', 'is distinct from', 'partial')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('videos').select('id').whereRef('videos.id', '=', 'uploads.id'))),
    )
    .execute()
  for (const upload of lost) {
    const { id, length } = upload
    const key = objectKeyOf(upload)
    const isWhole = (await storage.size(key)) === length
    yield {
      kind: 'upload_without_video',
      subject: id,
      message: `Upload ${id} is finished, but its video is missing from the catalogue${isWhole ? '' : ', and so is its file'}.`,
      ...(isWhole && { repair: () => finishAgain(db, id, key, length!) }),
    }
  }
}

async function finishAgain(db: Installation['db'], id: string, key: string, length: number): Promise<string> {
  await db.updateTable('uploads').set({ finished_at: null }).where('id', '=', id).execute()
  await finishUpload(db, id, length, { object: { key, leftovers: [] } })
  return `The video of upload ${id} was created again.`
}

/** Checks that every chunk that waits for an earlier chunk has its file. */
export async function* checkChunks({ db, storage }: Installation): AsyncIterable<Finding> {
  const chunks = await db
    .selectFrom('recording_pieces')
    .select(['recording_id', 'number', 'size', 'storage_key'])
    .where('storage_key', 'is not', null)
    .execute()
  for (const { recording_id, number, size, storage_key } of chunks) {
    if ((await storage.size(storage_key!)) === size) continue
    yield {
      kind: 'chunk_missing',
      subject: storage_key!,
      message: `Chunk ${number} of recording ${recording_id} is missing or incomplete. Restore it from a backup, or send the recording again.`,
    }
  }
}

/** @param read returns the rows after the last one, which has the id `lastId`. */
async function* pages<T extends { readonly id: string }>(
  read: (lastId: string | undefined, last: T | undefined) => Promise<T[]>,
): AsyncIterable<T> {
  for (let last: T | undefined; ; ) {
    const rows = await read(last?.id, last)
    yield* rows
    if (rows.length < PAGE_ROWS) return
    last = rows.at(-1)
  }
}
