import type { FastifyInstance } from 'fastify'
import { type Kysely, sql } from 'kysely'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Schema } from '../../database/schema.ts'
import type { SourceWatch } from '../../videos/catalogue/source-watch.ts'

/** A count that takes less time is repeated at each request. */
const SHORT_COUNT_MS = 50
const PAUSE_FACTOR = 100

/**
 * Prometheus metrics. Rows are counted in the database, so the numbers include the work of all processes. A count that takes long is repeated
 * less often than it is requested.
 */
export async function metricsRoute(
  app: FastifyInstance,
  { db, sources }: { db: Kysely<Schema>; sources: SourceWatch },
): Promise<void> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: 'longtake_http_request_duration_seconds',
    help: 'Time from the request line to the end of the response.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers,
  })
  addRowGauges(db, sources, registers)
  addSpeechCounters(db, registers)

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  app.get(
    '/metrics',
    {
      config: { access: 'read' },
      schema: {
        tags: ['service'],
        operationId: 'getMetrics',
        summary: 'Prometheus metrics',
        response: {
          200: { description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } },
        },
      },
    },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  )
}

/** Gauges that count rows. */
function addRowGauges(db: Kysely<Schema>, sources: SourceWatch, registers: Registry[]): void {
  const openVideos = sparingly(() => unfinishedVideos(db))
  const waitingSteps = sparingly(() => openSteps(db))
  const endedVideos = sparingly(() =>
    countBy(
      db,
      sql`select status, count(*)::int as count from videos where status in ('ready', 'failed') group by 1`,
    ),
  )
  const endedSteps = sparingly(() =>
    countBy(
      db,
      sql`select name, state, count(*)::int as count from steps where state not in ('pending', 'running')
        and exists (select from videos where videos.id = steps.video_id) group by 1, 2`,
    ),
  )
  const binnedVideos = sparingly(() =>
    countBy(db, sql`select count(*)::int as count from all_videos where binned_at is not null`),
  )
  const unfinishedUploads = sparingly(() =>
    countBy(db, sql`select count(*)::int as count from uploads where finished_at is null`),
  )
  new Gauge({
    name: 'longtake_videos',
    help: 'Videos by status.',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset()
      for (const { status, count } of [...(await openVideos()), ...(await endedVideos())])
        this.set({ status: status! }, count)
    },
  })
  new Gauge({
    name: 'longtake_bin_videos',
    help: 'Videos in the bin.',
    registers,
    async collect() {
      const [row] = await binnedVideos()
      this.set(row!.count)
    },
  })
  new Gauge({
    name: 'longtake_steps',
    help: 'Processing steps by name and state.',
    labelNames: ['step', 'state'],
    registers,
    async collect() {
      this.reset()
      for (const { name, state, count } of [...(await waitingSteps()), ...(await endedSteps())])
        this.set({ step: name!, state: state! }, count)
    },
  })
  new Gauge({
    name: 'longtake_sources_missing',
    help: 'Videos whose uploaded file is missing; npm run doctor names them.',
    registers,
    collect() {
      this.set(sources.missing)
    },
  })
  new Gauge({
    name: 'longtake_uploads_unfinished',
    help: 'Uploads that are not complete.',
    registers,
    async collect() {
      const [row] = await unfinishedUploads()
      this.set(row!.count)
    },
  })
  new Gauge({
    name: 'longtake_outbox_events',
    help: 'Events that have not been published to the queue yet.',
    registers,
    async collect() {
      const [row] = await countBy(db, sql`select count(*)::int as count from outbox`)
      this.set(row!.count)
    },
  })
}

function addSpeechCounters(db: Kysely<Schema>, registers: Registry[]): void {
  for (const [name, column, help] of SPEECH) {
    new Counter({
      name: `longtake_speech_${name}`,
      help,
      labelNames: ['model'],
      registers,
      async collect() {
        this.reset()
        const rows = await db.selectFrom('speech_usage').select(['model', column]).execute()
        for (const row of rows) this.inc({ model: row.model }, row[column])
      },
    })
  }
}

const SPEECH = [
  [
    'requests_total',
    'requests',
    'Requests to the speech-to-text service that were completed or interrupted, without rejected requests.',
  ],
  ['seconds_sent_total', 'seconds_sent', 'Seconds of audio in these requests.'],
  [
    'seconds_reused_total',
    'seconds_reused',
    'Seconds of audio that were not sent, because the same audio had been transcribed before.',
  ],
] as const

/** Counts videos that are being processed, with a partial index. */
export function unfinishedVideos(db: Kysely<Schema>): Promise<Count[]> {
  return countBy(
    db,
    sql`select status, count(*)::int as count from videos where status = 'processing' and status <> 'uploading' group by 1`,
  )
}

/** Counts steps that are pending or running, with a partial index each. */
export async function openSteps(db: Kysely<Schema>): Promise<Count[]> {
  const inState = (state: 'pending' | 'running') =>
    countBy(
      db,
      sql`select name, state, count(*)::int as count from steps where state = ${sql.lit(state)}
        and exists (select from videos where videos.id = steps.video_id) group by 1, 2`,
    )
  return [...(await inState('pending')), ...(await inState('running'))]
}

/**
 * Limits a slow count to one percent of the time of one connection: it is repeated only after a hundred times the duration of the last count.
 * The duration grows with the catalogue, the bin or the work that waits. A short count is repeated at each request.
 */
function sparingly<T>(count: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined
  let dueMs = 0
  return () => {
    if (last && performance.now() < dueMs) return last
    const beganMs = performance.now()
    dueMs = Number.POSITIVE_INFINITY
    last = count().then(
      result => {
        const tookMs = performance.now() - beganMs
        dueMs = tookMs < SHORT_COUNT_MS ? 0 : performance.now() + PAUSE_FACTOR * tookMs
        return result
      },
      error => {
        dueMs = 0
        throw error
      },
    )
    return last
  }
}

type Count = { count: number } & Partial<Record<'status' | 'name' | 'state', string>>

async function countBy(db: Kysely<Schema>, query: ReturnType<typeof sql>): Promise<Count[]> {
  return ((await query.execute(db)) as { rows: Count[] }).rows
}
