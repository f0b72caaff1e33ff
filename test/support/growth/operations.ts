import { type Kysely, sql } from 'kysely'
import { pino } from 'pino'
import { v7 as uuid } from 'uuid'
import { EVERYTHING } from '../../../src/access/access.ts'
import { accessByKey } from '../../../src/access/api-keys.ts'
import { pullInFarTimes } from '../../../src/database/database-time.ts'
import type { Schema } from '../../../src/database/schema.ts'
import { STEP_NAMES } from '../../../src/database/tables/steps.ts'
import { hashedAfter } from '../../../src/doctor/check-hashes.ts'
import { checkArtifacts } from '../../../src/doctor/check-rows.ts'
import type { Installation } from '../../../src/doctor/finding.ts'
import { openSteps, unfinishedVideos } from '../../../src/http/routes/metrics.ts'
import { Relay } from '../../../src/messaging/relay.ts'
import { removeNoted } from '../../../src/objects/removals.ts'
import { requireAllowance, usedBytes } from '../../../src/uploads/core/allowance.ts'
import { dueConcatenations } from '../../../src/uploads/core/due-concatenations.ts'
import { keepTogether } from '../../../src/uploads/core/final-parts.ts'
import { finishUpload } from '../../../src/uploads/core/finish.ts'
import { forgetRequests } from '../../../src/uploads/core/idempotent-requests.ts'
import { insertUpload } from '../../../src/uploads/core/new-upload.ts'
import { deleteExpiredReservations } from '../../../src/uploads/core/space-reservations.ts'
import { OldLinks } from '../../../src/uploads/core/upload-links.ts'
import {
  advanceOffsets,
  completeUploads,
  expiredUploads,
  findSameFinal,
} from '../../../src/uploads/core/upload-rows.ts'
import { dueRecordings } from '../../../src/uploads/recordings/recording-rows.ts'
import { deleteDue } from '../../../src/videos/catalogue/bin-sweeper.ts'
import type { ListQuery } from '../../../src/videos/catalogue/list-query.ts'
import { SourceWatch } from '../../../src/videos/catalogue/source-watch.ts'
import { listTags } from '../../../src/videos/catalogue/tag-list.ts'
import { listVideos } from '../../../src/videos/catalogue/video-list.ts'
import { getVideo, versionsOf } from '../../../src/videos/catalogue/videos.ts'
import type { Viewer } from '../../../src/videos/catalogue/viewer.ts'
import { claimStep, commonestMachineFault, liveTokens } from '../../../src/videos/pipeline/leases.ts'
import { recoverLost, reviveGivenUp } from '../../../src/videos/pipeline/losses.ts'
import { claimCheck } from '../../../src/videos/pipeline/pauses.ts'
import { completeStep } from '../../../src/videos/pipeline/steps.ts'
import { refreshStaleSearch } from '../../../src/videos/search/refresh-stale.ts'
import { claimDelivery, deleteOldDeliveries, settleDelivery } from '../../../src/webhooks/webhook-rows.ts'
import { videoId } from './large-catalogue.ts'

type Db = Kysely<Schema>

/** Something that the service does in a catalogue of a given size, by its own functions. */
export interface Operation {
  readonly name: string
  /** Returns a function that does it, after work that does not count. */
  readonly prepare: (db: Db, videos: number) => Promise<() => Promise<unknown>>
}

const storage = { size: async () => 1, remove: async () => {} }
const operation = (name: string, run: (db: Db, videos: number) => Promise<unknown>): Operation => ({
  name,
  prepare: async (db, videos) => () => run(db, videos),
})

/** All that a timer does, every few seconds in every process. */
export const TIMER_OPERATIONS: readonly Operation[] = [
  operation('find complete uploads', completeUploads),
  operation('find due concatenations', dueConcatenations),
  operation('keep parts with their final upload', async db =>
    keepTogether(db, new Date(Date.now() + 600_000)),
  ),
  operation('find recordings to end', async db => dueRecordings(db, new Date())),
  operation('delete videos of the bin', async db => deleteDue(db, new Date(), 30)),
  operation('find expired uploads', async db => expiredUploads(db, new Date())),
  operation('delete old idempotency keys', async db => forgetRequests(db, new Date())),
  operation('delete old upload links', async db => new OldLinks().forget(db, new Date())),
  operation('correct far due times', async db => pullInFarTimes(db, new Date())),
  operation('delete expired reservations', deleteExpiredReservations),
  operation('find objects to remove', async db => removeNoted(db, storage, 'none/')),
  operation('remove objects', async db => removeNoted(db, storage)),
  operation('check sources', async db => new SourceWatch(db, storage).check()),
  operation('relay events', relayEvents),
  operation('claim a delivery', async db => claimDelivery(db, 60, [])),
  operation('delete old deliveries', async db => deleteOldDeliveries(db, new Date(), 7 * 24 * 3600)),
  operation('claim a step of each kind', async db => {
    for (const step of STEP_NAMES) await claimStep(db, step, { worker: uuid() })
  }),
  operation('claim a quick step of each kind', async db => {
    for (const step of STEP_NAMES) await claimStep(db, step, { worker: uuid(), quick: true })
  }),
  operation('recover lost steps', recoverLost),
  operation('revive failed steps', reviveGivenUp),
  operation('list live leases', liveTokens),
  operation('check a pause', async db => claimCheck(db, 'transcribe', 5)),
  operation('refresh the search index', refreshStaleSearch),
  {
    name: 'compare 20 watched videos',
    async prepare(db) {
      const ids = await someIds(db, 20)
      return () => versionsOf(db, ids)
    },
  },
  operation('check a credential', async db => accessByKey(db, `lt_${'0'.repeat(43)}`)),
  operation('find faults of machines', commonestMachineFault),
  operation('count open work for metrics', async db => {
    await unfinishedVideos(db)
    await openSteps(db)
  }),
]

/** What `npm run doctor` does again and again: a page of its rows. */
export const DOCTOR_OPERATIONS: readonly Operation[] = [
  operation('doctor: 2,000 artifacts', async db => {
    const check = checkArtifacts({ db, storage } as unknown as Installation)[Symbol.asyncIterator]()
    for (let found = 0; found < 2000; found++) await check.next()
  }),
  operation('doctor: a page of hashes of sources', async (db, videos) =>
    hashedAfter(db, { video_id: videoId(Math.floor(videos / 2)), kind: null }),
  ),
  operation('doctor: a page of hashes of artifacts', async (db, videos) =>
    hashedAfter(db, { video_id: videoId(Math.floor(videos / 2)), kind: 'poster' }),
  ),
]

/** What a request does. */
export const REQUEST_OPERATIONS: readonly Operation[] = [
  operation('create an upload', async db => insertUpload(db, newUpload(), 3600)),
  operation('check the limits of an owner', async db => checkLimits(db, 'owner0')),
  operation('check the limits of the owner of a tenth', async db => checkLimits(db, 'big')),
  operation('sum the bytes of an owner', async db => usedBytes(db, 'owner0')),
  operation('sum the bytes of the owner of a tenth', async db => usedBytes(db, 'big')),
  {
    name: 'advance an offset',
    async prepare(db) {
      const { id, generation } = await insertUpload(db, newUpload(), 3600)
      return () => advanceOffsets(db, [{ id, from: 0, to: 50, state: null, generation }], 3600)
    },
  },
  {
    name: 'finish an upload',
    async prepare(db) {
      const { id } = await insertUpload(db, newUpload(), 3600)
      return () => finishUpload(db, id, 100)
    },
  },
  operation('find a repeated concatenation', async db => findSameFinal(db, 'owner0', ['/uploads/none'], {})),
  {
    name: 'complete a step',
    async prepare(db) {
      const lease = await claimStep(db, 'audio', {})
      return () => completeStep(db, lease!, {})
    },
  },
  {
    name: 'settle a delivery',
    async prepare(db) {
      const due = await claimDelivery(db, 60, [])
      return () =>
        settleDelivery(db, due!, {
          state: 'delivered',
          response_status: 200,
          response_body: '',
          error: null,
          delayS: 0,
        })
    },
  },
  {
    name: 'show a video',
    async prepare(db) {
      const [id] = await someIds(db, 1)
      return () => getVideo(db, id!)
    },
  },
  list('list: first page', {}),
  deepList('list: page in the middle'),
  list('list: by title', { sort: 'title' }),
  list('list: failed', { status: ['failed'] }),
  list('list: failed or processing', { status: ['failed', 'processing'] }),
  list('list: what needs attention', { needs_attention: true, count: true }),
  list('list: what needs attention of an owner', { needs_attention: true }, { owner: 'owner0', all: false }),
  list('list: a tag', { tag: 'tag7' }),
  list('list: first page with its count', { count: true }),
  list('list: failed since a date with their count', {
    status: ['failed'],
    created_after: '2000-01-01T00:00:00Z',
    count: true,
  }),
  list('list: a tag with its count', { tag: 'tag7', count: true }),
  list('list: of an owner with its count', { count: true }, { owner: 'owner0', all: false }),
  operation('list: tags', async db => listTags(db, EVERYTHING)),
  list('list: of an owner', {}, { owner: 'owner0', all: false }),
  list('list: failed of an owner', { status: ['failed'] }, { owner: 'owner0', all: false }),
  list('search: a common word', { q: 'word1' }),
  list('search: a rare word', { q: 'word15000' }),
  list('search: a common and a rare word', { q: 'word1 word9000' }),
  list('search: in a tag', { q: 'word1', tag: 'tag7' }),
  list('search: a common word of an owner', { q: 'word1' }, { owner: 'owner0', all: false }),
]

function newUpload() {
  return { id: uuid(), length: 100, metadata: { title: 'A film' }, requestId: null, owner: 'owner0' }
}

async function someIds(db: Db, count: number): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`select id from videos where status = 'ready' limit ${count}`.execute(db)
  return rows.map(({ id }) => id)
}

function checkLimits(db: Db, owner: string): Promise<void> {
  return db
    .transaction()
    .execute(trx => requireAllowance(trx, owner, 100, { maxUnfinished: 10_000_000, quota: undefined }))
}

async function relayEvents(db: Db): Promise<void> {
  const { promise: published, resolve } = Promise.withResolvers<void>()
  const queue = {
    publish: async () => resolve(),
    consume: () => ({ stop: async () => {} }),
    check: async () => {},
    close: async () => {},
  }
  const relay = new Relay(db, queue, pino({ level: 'silent' }), { interval: 3600 })
  relay.start()
  await published
  await relay.stop()
}

function list(name: string, query: Partial<ListQuery>, viewer: Viewer = EVERYTHING): Operation {
  return operation(name, async db => listVideos(db, viewer, { limit: 20, ...query }))
}

function deepList(name: string): Operation {
  return {
    name,
    async prepare(db, videos) {
      const { rows } = await sql<{ created_at: Date }>`
        select created_at from videos where id = ${videoId(Math.floor(videos / 2))}`.execute(db)
      const created_before = rows[0]!.created_at.toISOString()
      const { nextCursor } = await listVideos(db, EVERYTHING, { limit: 20, created_before })
      return () => listVideos(db, EVERYTHING, { limit: 20, created_before, cursor: nextCursor! })
    },
  }
}
