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
        'Bytes that count towards the quota: uploads, videos, edited transcripts, and videos in the bin.',
      examples: [52428800],
    },
    quota: {
      type: ['integer', 'null'],
      description: 'Maximum number of bytes that the caller may use; null if there is no limit.',
      examples: [1073741824],
    },
    bin: {
      type: 'object',
      description: 'The videos in the bin. Their bytes are freed when the videos are deleted permanently.',
      required: ['videos', 'bytes'],
      properties: {
        videos: { type: 'integer', description: 'Number of videos.', examples: [3] },
        bytes: { type: 'integer', description: 'Total size of their sources in bytes.', examples: [3145728] },
      },
    },
  },
} as const

/** The storage that the caller uses, and the quota. */
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
        summary: 'Get the storage use and the quota of the caller',
        description: 'Without sign-in, these are the bytes of all uploads and videos without an owner.',
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
