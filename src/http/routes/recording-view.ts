import {
  bytesOf,
  MAX_CHUNK_BYTES,
  missingNumbers,
  type RecordingState,
  truncatedForDisplay,
} from '../../uploads/recordings/recording-rules.ts'
import { type FromSchema, namesOf } from '../schema-types.ts'
import type { VideoView } from './video-schema.ts'

const SELF = '/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'

const properties = {
  id: {
    type: 'string',
    format: 'uuid',
    description: 'Also the id of its upload and of its video.',
  },
  status: {
    type: 'string',
    enum: ['recording', 'closing', 'finished'],
    description: '`closing`: no more chunks are accepted. `finished`: it is a video.',
  },
  type: { type: ['string', 'null'], examples: ['video/webm;codecs=vp8,opus'] },
  next: { type: 'integer', description: 'Number of the first missing chunk: continue with it.' },
  missing: {
    type: 'array',
    items: { type: 'integer' },
    description:
      'Numbers of missing chunks below the highest received one, at most 256. For a closed recording: the numbers that were never received.',
  },
  bytes: { type: 'integer', description: 'Bytes of all stored chunks.' },
  offset: {
    type: 'integer',
    description: 'Bytes before the first missing chunk: the `Upload-Offset` of the same upload.',
  },
  max_chunk_size: { type: 'integer', description: 'Bytes.' },
  incomplete: { type: 'boolean', description: 'Whether it was closed with gaps or abandoned.' },
  expires_at: {
    type: ['string', 'null'],
    format: 'date-time',
    description: 'The recording counts as abandoned after this time. Each chunk extends it.',
  },
  links: {
    type: 'object',
    required: ['self', 'chunks', 'finalize', 'upload', 'video'],
    properties: {
      self: { type: 'string', examples: [SELF] },
      chunks: {
        type: 'string',
        description: 'Replace `{n}` by the number of the chunk.',
        examples: [`${SELF}/chunks/{n}`],
      },
      finalize: { type: 'string', examples: [`${SELF}/finalize`] },
      upload: {
        type: 'string',
        description: 'The same upload, for tus.',
        examples: ['/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'],
      },
      video: { type: ['string', 'null'], examples: [null] },
    },
  },
  video: { anyOf: [{ $ref: 'Video#' }, { type: 'null' }] },
} as const

export const recordingSchema = {
  $id: 'Recording',
  type: 'object',
  required: namesOf(properties),
  properties,
} as const

declare module '../schema-types.ts' {
  interface NamedSchemas {
    Recording: RecordingView
  }
}

/** A recording as responses show it. */
export type RecordingView = FromSchema<typeof recordingSchema>

/** Makes the response of the routes for one recording. */
export type ShowRecording = (id: string) => Promise<RecordingView>

/**
 * @param options.base the public URL without a trailing slash, or ''.
 * @param options.gaps numbers of the chunks that a closed recording lacks.
 */
export function viewRecording(
  state: RecordingState,
  { base, video, gaps }: { base: string; video: VideoView | null; gaps: readonly number[] },
): RecordingView {
  const { upload, recording } = state
  const self = `${base}/recordings/${upload.id}`
  return {
    id: upload.id,
    status: upload.finished_at ? 'finished' : recording.closed_at ? 'closing' : 'recording',
    type: upload.metadata['filetype'] ?? null,
    next: recording.next,
    missing: truncatedForDisplay(recording.closed_at ? gaps : missingNumbers(state)),
    bytes: upload.finished_at ? upload.offset : bytesOf(state),
    offset: upload.offset,
    max_chunk_size: MAX_CHUNK_BYTES,
    incomplete: recording.incomplete,
    expires_at: upload.finished_at ? null : upload.expires_at.toISOString(),
    links: {
      self,
      chunks: `${self}/chunks/{n}`,
      finalize: `${self}/finalize`,
      upload: `${base}/uploads/${upload.id}`,
      video: video ? `${base}/videos/${upload.id}` : null,
    },
    video,
  }
}
