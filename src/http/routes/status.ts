import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Config } from '../../config/config.ts'
import type { Schema } from '../../database/schema.ts'
import type { Queue } from '../../messaging/queue.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import type { SourceWatch } from '../../videos/catalogue/source-watch.ts'
import { commonestMachineFault } from '../../videos/pipeline/leases.ts'
import { findPause } from '../../videos/pipeline/pauses.ts'
import type { FromSchema } from '../schema-types.ts'

export interface StatusDeps {
  readonly config: Config
  readonly db: Kysely<Schema>
  readonly queue: Queue
  readonly storage: ObjectStorage
  readonly sources: SourceWatch
  /** The speech-to-text engine. */
  readonly speech: { readonly model: string | null }
  /** Sandbox features for media programs in this process; undefined if it has no worker. */
  readonly sandbox?: { readonly present: readonly string[]; readonly missing: readonly string[] } | undefined
}

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Time limit for checking a dependency. */
const CHECK_TIMEOUT_MS = 3000

const check = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: ['up', 'down'] }, detail: { type: 'string' } },
} as const
const readiness = {
  type: 'object',
  required: ['status', 'checks'],
  properties: {
    status: { type: 'string', enum: ['ready', 'degraded', 'unavailable'] },
    checks: {
      type: 'object',
      required: ['database', 'storage', 'queue', 'sources'],
      properties: {
        database: check,
        storage: check,
        queue: check,
        sources: { ...check, description: '`down` while the uploaded file of any video is missing.' },
        speech_to_text: {
          ...check,
          description:
            'Present if transcription is enabled. `down` while it is paused, for example while the speech model is downloaded.',
        },
        processing: {
          ...check,
          description:
            '`down` while steps wait because of a fault of a worker’s machine, such as a full disk.',
        },
      },
    },
    sandbox: {
      type: 'object',
      description:
        'The sandbox features for media programs that are present or missing on this machine. Only if this process has a worker.',
      required: ['present', 'missing'],
      properties: {
        present: { type: 'array', items: { type: 'string' } },
        missing: { type: 'array', items: { type: 'string' } },
      },
    },
  },
} as const

const statusSchema = {
  type: 'object',
  required: ['status', 'version', 'database', 'queue', 'bin_days', 'speech_to_text', 'transcription_pause'],
  properties: {
    status: { type: 'string', enum: ['ok'] },
    version: { type: 'string' },
    database: { type: 'string', enum: ['embedded', 'postgresql'] },
    queue: { type: 'string', enum: ['embedded', 'jetstream'] },
    bin_days: {
      type: 'integer',
      description: 'Number of days for which a deleted video can be restored; 0 if the bin is disabled.',
      examples: [30],
    },
    speech_to_text: {
      type: ['string', 'null'],
      description: 'The speech-to-text model; null if transcription is disabled.',
    },
    transcription_pause: {
      type: ['string', 'null'],
      description:
        'Why transcription is paused now, as text for people, for example the download progress of the speech model. Null if it is not paused.',
    },
  },
} as const

/** The state of the service. Without the queue, or while transcription is paused, the state is `degraded`: uploads are still accepted. */
export async function statusRoutes(app: FastifyInstance, deps: StatusDeps): Promise<void> {
  statusRoute(app, deps)
  livenessRoute(app)
  readinessRoute(app, deps)
}

function statusRoute(app: FastifyInstance, { config, speech, db }: StatusDeps): void {
  app.get(
    '/status',
    {
      config: { access: 'read' },
      schema: {
        tags: ['service'],
        operationId: 'getStatus',
        summary: 'Get the version and the components',
        response: {
          200: statusSchema,
        },
      },
    },
    async (): Promise<FromSchema<typeof statusSchema>> => ({
      status: 'ok',
      version,
      database: config.databaseUrl ? 'postgresql' : 'embedded',
      queue: config.natsUrl ? 'jetstream' : 'embedded',
      bin_days: config.binDays,
      speech_to_text: speech.model,
      transcription_pause: await pauseMessage(db),
    }),
  )
}

function livenessRoute(app: FastifyInstance): void {
  app.get(
    '/health/live',
    {
      config: { access: 'public', host: 'any' },
      schema: {
        tags: ['service'],
        operationId: 'getLiveness',
        summary: 'Check whether the process is running',
        response: {
          200: {
            type: 'object',
            required: ['status'],
            properties: { status: { type: 'string', enum: ['live'] } },
          },
        },
      },
    },
    async () => ({ status: 'live' }),
  )
}

function readinessRoute(app: FastifyInstance, deps: StatusDeps): void {
  const { config, speech, db, queue, storage, sources, sandbox } = deps
  app.get(
    '/health/ready',
    {
      config: { access: 'public', host: 'any' },
      schema: {
        tags: ['service'],
        operationId: 'getReadiness',
        summary: 'Check whether the service can serve requests',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (request, reply) => {
      const [database, files, events, originals, transcription, processing] = await Promise.all([
        outcome(sql`select 1`.execute(db)),
        outcome(storage.check()),
        outcome(queue.check()),
        outcome(requireSources(sources)),
        outcome(requireTranscription(db)),
        outcome(requireMachines(db)),
      ])
      const isTranscribing = speech.model !== null || transcription.status === 'down'
      const isUsable = database.status === 'up' && files.status === 'up'
      const checks = {
        database,
        storage: files,
        queue: events,
        sources: originals,
        // These two cannot be read without the database.
        ...(isTranscribing && database.status === 'up' && { speech_to_text: transcription }),
        ...(database.status === 'up' && { processing }),
      }
      const isComplete = [events, originals, transcription, processing].every(check => check.status === 'up')
      const status = !isUsable ? 'unavailable' : isComplete ? 'ready' : 'degraded'
      // The details name machines and services. With sign-in, anyone can still call this route, so only the log contains the details.
      if (config.auth.kind !== 'none') {
        if (status !== 'ready') request.log.warn({ checks }, status)
        for (const check of Object.values(checks)) delete check.detail
      }
      const body: FromSchema<typeof readiness> = { status, checks, ...(sandbox && { sandbox }) }
      return reply.code(isUsable ? 200 : 503).send(body)
    },
  )
}

/** @throws Error with the number of missing files. */
async function requireSources({ missing }: SourceWatch): Promise<void> {
  if (missing > 0)
    throw new Error(`The uploaded files of ${missing} videos are missing. npm run doctor lists them.`)
}

/** @throws Error with the reason while transcription is paused. */
async function requireTranscription(db: Kysely<Schema>): Promise<void> {
  const pause = await findPause(db, 'transcribe')
  if (pause) throw new Error(pause.message)
}

/** The reason of the pause. Null also if the database fails, because the rest of the status must still be served. */
async function pauseMessage(db: Kysely<Schema>): Promise<string | null> {
  const pause = await inTime(findPause(db, 'transcribe')).catch(() => undefined)
  return pause?.message ?? null
}

/** @throws Error with the machine fault that prevents the most steps from running. */
async function requireMachines(db: Kysely<Schema>): Promise<void> {
  const fault = await commonestMachineFault(db)
  if (fault) throw new Error(`${fault.code}: ${fault.message} Waiting steps: ${fault.steps}.`)
}

/** The result of a check. */
async function outcome(work: Promise<unknown>): Promise<FromSchema<typeof check>> {
  try {
    await inTime(work)
    return { status: 'up' }
  } catch (error) {
    return { status: 'down', detail: error instanceof Error ? error.message : String(error) }
  }
}

/** @throws Error if `work` takes longer than `CHECK_TIMEOUT_MS`; and its own error. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no response in time')), CHECK_TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
