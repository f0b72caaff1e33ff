import type { FastifyReply } from 'fastify'
import type { Kysely } from 'kysely'
import { MAX_LANGUAGE_LENGTH } from '../../base/limits.ts'
import { STEP_ERRORS } from '../../base/step-reasons.ts'
import { LANGUAGE_TAG } from '../../base/texts.ts'
import type { Schema } from '../../database/schema.ts'
import type { UploadStore } from '../../uploads/core/upload-store.ts'
import { getVideoRow } from '../../videos/catalogue/videos.ts'
import { currentTranscript, type Revision, type Transcript } from '../../videos/transcripts/transcripts.ts'
import { absentResult } from '../not-ready.ts'
import { type FromSchema, namesOf } from '../schema-types.ts'

export interface TranscriptDeps {
  readonly db: Kysely<Schema>
  readonly store: UploadStore
}

/** Limits of an edit. */
export const MAX_SEGMENTS = 50_000
export const MAX_SEGMENT_TEXT_LENGTH = 10_000
export const MAX_SPEAKER_LENGTH = 100

const seconds = (name: string, example: number) =>
  ({ type: 'number', minimum: 0, description: `${name} in seconds.`, examples: [example] }) as const
const span = { start: seconds('Start', 1.2), end: seconds('End', 3.4) } as const

const segmentSchema = {
  type: 'object',
  required: ['start', 'end', 'text'],
  properties: {
    ...span,
    text: { type: 'string', examples: ['Good morning everybody.'] },
    speaker: { type: 'string', description: 'Absent if the speaker is unknown.', examples: ['Ann'] },
    words: {
      type: 'array',
      description:
        'The words with their times, if the model reported times. The times of edited words are estimated.',
      items: {
        type: 'object',
        required: ['start', 'end', 'text'],
        properties: { ...span, text: { type: 'string', examples: ['Good'] } },
      },
    },
  },
} as const

const revisionProperties = {
  video_id: { type: 'string', format: 'uuid' },
  revision: {
    type: 'integer',
    description: 'The number of the revision. Each edit and each transcription creates the next one.',
  },
  origin: {
    type: 'string',
    enum: ['machine', 'person'],
    description: 'Whether a model or a person created the revision.',
  },
  language: { type: ['string', 'null'], examples: ['en'] },
  model: { type: ['string', 'null'], examples: ['whisper-1'] },
  options: {
    type: ['object', 'null'],
    description: 'Options of the transcription request.',
    properties: {
      language: { type: ['string', 'null'] },
      response_format: { type: 'string', examples: ['verbose_json'] },
      timestamp_granularities: { type: 'array', items: { type: 'string' } },
    },
  },
  source_sha256: { type: ['string', 'null'], description: 'SHA-256 of the transcribed source, in hex.' },
  partial: { type: 'boolean', description: 'Whether parts of the audio were not transcribed. See `gaps`.' },
  speech_share: {
    type: ['number', 'null'],
    description: 'The proportion of speech in the audio, from 0 to 1.',
    examples: [0.82],
  },
  restored_from: {
    type: ['integer', 'null'],
    description: 'The number of the revision of which this one is a copy; null if it is not a copy.',
  },
  created_at: { type: 'string', format: 'date-time' },
} as const

/** A revision without its text. */
export const revisionSchema = {
  $id: 'Revision',
  type: 'object',
  required: namesOf(revisionProperties),
  properties: revisionProperties,
} as const

const transcriptProperties = {
  ...revisionProperties,
  text: { type: 'string' },
  segments: { type: 'array', items: segmentSchema },
  gaps: {
    type: 'array',
    description:
      'Parts of the audio that were not transcribed because their requests failed. Retry the step to transcribe them.',
    items: {
      type: 'object',
      required: ['start', 'end', 'code', 'message'],
      properties: { ...span, code: { type: 'string', enum: STEP_ERRORS }, message: { type: 'string' } },
    },
  },
  dropped: {
    type: 'array',
    description: 'Text from the model that was removed, because it was most likely not spoken.',
    items: {
      type: 'object',
      required: ['start', 'end', 'text', 'reason'],
      properties: {
        ...span,
        text: { type: 'string' },
        reason: { type: 'string', enum: ['silence', 'no_speech', 'repetition'] },
      },
    },
  },
} as const

export const transcriptSchema = {
  $id: 'Transcript',
  type: 'object',
  required: namesOf(transcriptProperties),
  properties: transcriptProperties,
} as const

/** The body of an edit. `words` is accepted and ignored, because clients send back segments that they have read. */
export const editSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['segments'],
  properties: {
    language: {
      type: ['string', 'null'],
      pattern: LANGUAGE_TAG,
      maxLength: MAX_LANGUAGE_LENGTH,
      examples: ['en'],
    },
    segments: {
      type: 'array',
      maxItems: MAX_SEGMENTS,
      description: 'The segments in the order of their start. Unchanged words keep their times.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['start', 'end', 'text'],
        properties: {
          start: { ...span.start, maximum: 1e6 },
          end: { ...span.end, maximum: 1e6 },
          text: { type: 'string', minLength: 1, maxLength: MAX_SEGMENT_TEXT_LENGTH },
          speaker: { type: ['string', 'null'], maxLength: MAX_SPEAKER_LENGTH },
          words: { type: 'array', description: 'Ignored. The server keeps the times of unchanged words.' },
        },
      },
    },
  },
} as const

declare module '../schema-types.ts' {
  interface NamedSchemas {
    Revision: FromSchema<typeof revisionSchema>
    Transcript: FromSchema<typeof transcriptSchema>
  }
}

export function viewRevision(revision: Revision): FromSchema<typeof revisionSchema> {
  return { ...revision, created_at: revision.created_at.toISOString() }
}

export function viewTranscript(transcript: Transcript): FromSchema<typeof transcriptSchema> {
  return { ...transcript, created_at: transcript.created_at.toISOString() }
}

/** The current transcript of a video. @throws ApiError 404, with the state of the transcription if there is no transcript. */
export async function getTranscript(
  db: Kysely<Schema>,
  reply: FastifyReply,
  id: string,
): Promise<Transcript> {
  await getVideoRow(db, id)
  const transcript = await currentTranscript(db, id)
  if (transcript) return transcript
  throw await absentResult(db, reply, { videoId: id, step: 'transcribe', what: 'The transcript' })
}
