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

export interface StatusDeps {
  readonly config: Config
  readonly db: Kysely<Schema>
  readonly queue: Queue
  readonly storage: ObjectStorage
  readonly sources: SourceWatch
  /** The engine that makes transcripts. */
  readonly speech: { readonly model: string | null }
  /** What media programs are confined by in this process; undefined where it has no worker. */
  readonly sandbox?: { readonly present: readonly string[]; readonly missing: readonly string[] } | undefined
}

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** How long a dependency may take to answer. */
const PATIENCE_MS = 3000

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
        sources: { ...check, description: 'Down while the uploaded file of a video is missing.' },
        speech_to_text: {
          ...check,
          description:
            'Present if transcripts are on; down while transcription is paused, for example while the speech model is downloaded.',
        },
        processing: {
          ...check,
          description:
            'Down while steps wait because of a fault of a machine that runs workers, such as a full disk.',
        },
      },
    },
    sandbox: {
      type: 'object',
      description:
        'Where this process has a worker: what media programs are confined by, and what this system does not offer for it.',
      required: ['present', 'missing'],
      properties: {
        present: { type: 'array', items: { type: 'string' } },
        missing: { type: 'array', items: { type: 'string' } },
      },
    },
  },
} as const

/** The state of the service. Without the queue, or while transcription is paused, it still takes uploads: degraded, but ready. */
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
        summary: 'Version and components',
        response: {
          200: {
            type: 'object',
            required: ['status', 'version', 'database', 'queue', 'speech_to_text', 'transcription_pause'],
            properties: {
              status: { type: 'string', enum: ['ok'] },
              version: { type: 'string' },
              database: { type: 'string', enum: ['embedded', 'postgresql'] },
              queue: { type: 'string', enum: ['embedded', 'jetstream'] },
              speech_to_text: {
                type: ['string', 'null'],
                description: 'The model that makes transcripts; null if transcripts are off.',
              },
              transcription_pause: {
                type: ['string', 'null'],
                description:
                  'Why no video is transcribed now, for people; while the speech model is downloaded, how far that is. Null if nothing is in the way.',
              },
            },
          },
        },
      },
    },
    async () => ({
      status: 'ok',
      version,
      database: config.databaseUrl ? 'postgresql' : 'embedded',
      queue: config.natsUrl ? 'jetstream' : 'embedded',
      speech_to_text: speech.model,
      // The version is told without the database, too.
      transcription_pause: (await findPause(db, 'transcribe').catch(() => undefined))?.message ?? null,
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
        summary: 'Whether the process answers',
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
        summary: 'Whether requests can be served',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (request, reply) => {
      const [database, files, events, originals, transcription, processing] = await Promise.all([
        outcome(sql`select 1`.execute(db)),
        outcome(storage.check()),
        outcome(queue.check()),
        outcome(refuseWithoutSources(sources)),
        outcome(refuseWhilePaused(db)),
        outcome(refuseWhileFaulty(db)),
      ])
      const hasSpeech = speech.model !== null || transcription.status === 'down'
      const usable = database.status === 'up' && files.status === 'up'
      const checks = {
        database,
        storage: files,
        queue: events,
        sources: originals,
        // Unknown without the database.
        ...(hasSpeech && database.status === 'up' && { speech_to_text: transcription }),
        ...(database.status === 'up' && { processing }),
      }
      const whole = [events, originals, transcription, processing].every(check => check.status === 'up')
      const status = !usable ? 'unavailable' : whole ? 'ready' : 'degraded'
      // The reasons name machines and services. If strangers may ask, only the log has them.
      if (config.auth.kind !== 'none') {
        if (status !== 'ready') request.log.warn({ checks }, status)
        for (const check of Object.values(checks)) delete check.detail
      }
      return reply.code(usable ? 200 : 503).send({ status, checks, ...(sandbox && { sandbox }) })
    },
  )
}

/** @throws Error that says how many are missing. */
async function refuseWithoutSources({ missing }: SourceWatch): Promise<void> {
  if (missing > 0)
    throw new Error(`The uploaded file of ${missing} videos is missing: npm run doctor names them.`)
}

/** @throws Error that says why nothing is transcribed at present. */
async function refuseWhilePaused(db: Kysely<Schema>): Promise<void> {
  const pause = await findPause(db, 'transcribe')
  if (pause) throw new Error(pause.message)
}

/** @throws Error that says which fault of a machine keeps most steps from running. */
async function refuseWhileFaulty(db: Kysely<Schema>): Promise<void> {
  const fault = await commonestMachineFault(db)
  if (fault) throw new Error(`${fault.code}: ${fault.message} Steps that wait: ${fault.steps}.`)
}

async function outcome(work: Promise<unknown>): Promise<{ status: 'up' | 'down'; detail?: string }> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS)
  })
  try {
    await Promise.race([work, late])
    return { status: 'up' }
  } catch (error) {
    return { status: 'down', detail: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}
