import { sql } from 'kysely'
import { retrySteps } from '../videos/pipeline/retry.ts'
import { refreshSearch } from '../videos/search/search-index.ts'
import type { Finding, Patient } from './finding.ts'

/** Seconds after which a message has waited for something else than its turn. */
const LEASE_AGE_S = 60
const EVENT_AGE_S = 300
const REMOVAL_AGE_S = 600

const older = (column: string, seconds: number) =>
  sql<boolean>`${sql.ref(column)} < now() - ${seconds} * interval '1 second'`

/** No step belongs to a worker that died. */
export async function* checkLeases({ db }: Patient): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('steps')
    .select(['video_id', 'name'])
    .where('state', '=', 'running')
    .where(older('lease_until', LEASE_AGE_S))
    .execute()
  for (const { video_id, name } of rows) {
    yield {
      kind: 'lease_expired',
      subject: `${video_id} ${name}`,
      message: `The worker of step ${name} of video ${video_id} died, and no other has taken it up: does a worker run?`,
    }
  }
}

/** No event waits for a queue that does not take it. */
export async function* checkEvents({ db }: Patient): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('outbox')
    .select(['id', 'type', 'video_id'])
    .where(older('time', EVENT_AGE_S))
    .execute()
  for (const { id, type, video_id } of rows) {
    yield {
      kind: 'event_waiting',
      subject: id,
      message: `The event ${type} of video ${video_id} has not left in ${EVENT_AGE_S / 60} minutes: does the queue take events?`,
    }
  }
}

/** Deleted files are gone soon. */
export async function* checkRemovals({ db }: Patient): AsyncIterable<Finding> {
  const rows = await db
    .selectFrom('removals')
    .select('key')
    .where(older('created_at', REMOVAL_AGE_S))
    .where(({ not }) =>
      not(sql<boolean>`exists (select from steps where steps.lease_token = removals.lease_token)`),
    )
    .execute()
  for (const { key } of rows) {
    yield {
      kind: 'removal_waiting',
      subject: key,
      message: `${key} was deleted more than ${REMOVAL_AGE_S / 60} minutes ago and is not removed: does the service run, and may it write?`,
    }
  }
}

/** Every video can be found. */
export async function* checkSearch({ db }: Patient): AsyncIterable<Finding> {
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
      message: `Video ${id} is not found by searches.`,
      async repair() {
        await refreshSearch(db, id)
        return `Video ${id} is found again.`
      },
    }
  }
}

/** A video whose source was missing and has been restored can go on. */
export async function* checkRestored({ db, storage }: Patient): AsyncIterable<Finding> {
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
      message: `The source of video ${id} was missing and is there again: retry the video.`,
      async repair() {
        await retrySteps(db, id)
        return `The failed steps of video ${id} run again.`
      },
    }
  }
}
