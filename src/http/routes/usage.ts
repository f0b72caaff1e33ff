import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import type { Config } from '../../config/config.ts'
import type { Schema } from '../../database/schema.ts'
import { usedBytes } from '../../uploads/core/allowance.ts'
import { binTotals } from '../../videos/catalogue/bin-totals.ts'
import { type FromSchema, typed } from '../schema-types.ts'

const usage = {
  type: 'object',
  required: ['bytes', 'quota', 'bin'],
  properties: {
    bytes: {
      type: 'integer',
      description:
        'Bytes that count in the quota: uploads, videos, edits of transcripts, and what the bin holds.',
      examples: [52428800],
    },
    quota: {
      type: ['integer', 'null'],
      description: 'The most bytes that the caller may have; null without a limit.',
      examples: [1073741824],
    },
    bin: {
      type: 'object',
      description: 'What the bin holds. These bytes are free again when the videos are deleted for good.',
      required: ['videos', 'bytes'],
      properties: {
        videos: { type: 'integer', examples: [3] },
        bytes: { type: 'integer', examples: [3145728] },
      },
    },
  },
} as const

/** How much room the caller's uploads and videos use. */
export async function usageRoute(
  app: FastifyInstance,
  { db, config }: { readonly db: Kysely<Schema>; readonly config: Pick<Config, 'storageQuota'> },
): Promise<void> {
  typed(app).get(
    '/usage',
    {
      config: { access: 'read' },
      schema: {
        tags: ['service'],
        operationId: 'getUsage',
        summary: 'Bytes that the caller stores, and the quota',
        description: 'Without sign-in: the bytes of all videos and uploads without an owner.',
        response: { 200: usage },
      },
    },
    async ({ access: { owner } }): Promise<FromSchema<typeof usage>> => ({
      bytes: await usedBytes(db, owner),
      quota: owner === null ? null : (config.storageQuota ?? null),
      bin: await binTotals(db, { all: false, owner }),
    }),
  )
}
