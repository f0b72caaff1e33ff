import type { FromSchema } from '../../schema-types.ts'

/** Schema of a response with only a message. */
export const messageSchema = (text: string) =>
  ({
    type: 'object',
    required: ['message'],
    properties: { message: { type: 'string', examples: [text] } },
  }) as const

export const newRecordingForm = {
  type: 'object',
  properties: { title: { type: 'string', examples: ['Stand-up'] } },
} as const

export const newRecordingSchema = {
  type: 'object',
  required: ['session_id'],
  properties: { session_id: { type: 'string', examples: ['01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11'] } },
} as const

export const chunkForm = {
  type: 'object',
  required: ['session_id', 'video_chunk'],
  properties: {
    session_id: { type: 'string', examples: ['01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11'] },
    video_chunk: { type: 'string', format: 'binary', description: 'In JSON: the bytes as base64.' },
    chunk_number: {
      type: 'integer',
      description:
        'The number of the chunk. With it, the request can be repeated safely. Without it, the chunk is added after the previous one.',
    },
  },
} as const

export const finalForm = {
  ...chunkForm,
  required: ['session_id'],
  properties: {
    ...chunkForm.properties,
    is_final: { type: 'boolean', description: 'Whether to close the recording.' },
  },
} as const

export const bySession = {
  type: 'object',
  required: ['session_id'],
  properties: {
    session_id: {
      type: 'string',
      maxLength: 255,
      description: 'The id of the recording, or its former id if it was imported.',
      examples: ['01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11'],
    },
  },
} as const

export const recordedDataSchema = {
  type: 'object',
  required: ['recorded_data'],
  properties: {
    recorded_data: {
      type: 'object',
      required: ['session_id', 'status', 'file_url', 'audio_file', 'transcript'],
      properties: {
        session_id: { type: 'string' },
        status: { type: 'string', enum: ['recording', 'processing', 'completed', 'failed'] },
        file_url: { type: ['string', 'null'] },
        audio_file: { type: ['string', 'null'] },
        transcript: { type: ['string', 'null'] },
      },
    },
  },
} as const

export type RecordedData = FromSchema<typeof recordedDataSchema>
