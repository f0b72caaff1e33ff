import type { FromSchema } from '../../schema-types.ts'

/** Schema of a response that has a message only. */
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
    video_chunk: { type: 'string', format: 'binary', description: 'Base64 in JSON.' },
    chunk_number: {
      type: 'integer',
      description: 'Makes it safe to repeat the request. Without it, the chunk follows those before it.',
    },
  },
} as const

export const finalForm = {
  ...chunkForm,
  required: ['session_id'],
  properties: {
    ...chunkForm.properties,
    is_final: { type: 'boolean', description: 'Closes the recording.' },
  },
} as const

export const bySession = {
  type: 'object',
  required: ['session_id'],
  properties: {
    session_id: {
      type: 'string',
      maxLength: 255,
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
