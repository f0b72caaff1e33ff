import { sql } from 'kysely'
import { retrySteps } from '../videos/pipeline/retry.ts'
import { refreshSearch } from '../videos/search/search-index.ts'
import type { Finding, Installation } from './finding.ts'

/** Rows that have waited longer than this are reported. */
const MAX_LEASE_AGE_S = 60
const MAX_EVENT_AGE_S = 300
const MAX_REMOVAL_AGE_S = 600

const older = (column: string, seconds: number) =>
  sql<boolean>`${sql.ref(column)} < now() - ${seconds} * interval '1 second'`

/** Checks that no step belongs to a worker that died. */
export async function* checkLeases({ db }: Installation): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('steps')
    .select(['video_id', 'name'])
    .where('state', '=', 'running')
    .where(older('lease_until', MAX_LEASE_AGE_S))
    .execute()
  for (const { video_id, name } of rows) {
    yield {
      kind: 'lease_expired',
      subject: `${video_id} ${name}`,
      message: `The worker of step ${name} of video ${video_id} died, and no other worker has continued the step. Check that a worker is running.`,
    }
  }
}

/** Checks that no event has waited too long to be published. */
export async function* checkEvents({ db }: Installation): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('outbox')
    .select(['id', 'type', 'video_id'])
    .where(older('time', MAX_EVENT_AGE_S))
    .execute()
  for (const { id, type, video_id } of rows) {
    yield {
      kind: 'event_waiting',
      subject: id,
      message: `The event ${type} of video ${video_id} has waited for more than ${MAX_EVENT_AGE_S / 60} minutes. Check that the queue is reachable.`,
    }
  }
}

/** Checks that files recorded for removal are removed. */
export async function* checkRemovals({ db }: Installation): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('removals')
    .select('key')
    .where(older('created_at', MAX_REMOVAL_AGE_S))
    .where(({ not }) =>
      not(sql<boolean>`exists (select from steps where steps.lease_token = removals.lease_token)`),
    )
    .execute()
  for (const { key } of rows) {
    yield {
      kind: 'removal_waiting',
      subject: key,
      message: `${key} was deleted more than ${MAX_REMOVAL_AGE_S / 60} minutes ago but still exists. Check that the service is running and can write.`,
    }
  }
}

/** Checks that searches find every video. */
export async function* checkSearch({ db }: Installation): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('videos')
    .select('id')
    .where('status', '<>', 'uploading')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('video_search').select('video_id').whereRef('video_id', '=', 'videos.id'))),
    )
    .execute()
  for (const { id } of rows) {
    yield {
      kind: 'search_row_missing',
      subject: id,
      message: `Video ${id} is missing from the search index.`,
      async repair() {
        await refreshSearch(db, id)
        return `Video ${id} was added to the search index.`
      },
    }
  }
}

/** Finds videos whose source was missing and has been restored. */
export async function* checkRestored({ db, storage }: Installation): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('steps')
    .innerJoin('videos', 'videos.id', 'steps.video_id')
    .select(['videos.id', 'videos.size', 'videos.storage_key'])
    .distinct()
    .where('steps.state', '=', 'failed')
    .where('steps.error_code', '=', 'source_missing')
    .execute()
  for (const { id, size, storage_key } of rows) {
    if (storage_key === null || (await storage.size(storage_key)) !== size) continue
    yield {
      kind: 'source_is_back',
      subject: id,
      message: `The source of video ${id} was missing and has been restored. Retry the video.`,
      async repair() {
        await retrySteps(db, id)
        return `The failed steps of video ${id} run again.`
      },
    }
  }
}
