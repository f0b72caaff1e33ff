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
    description: 'The id of the recording, its upload and its video.',
  },
  status: {
    type: 'string',
    enum: ['recording', 'closing', 'finished'],
    description:
      '`recording`: chunks are accepted. `closing`: no more chunks are accepted. `finished`: the upload of the video is complete.',
  },
  type: {
    type: ['string', 'null'],
    description: 'The media type that the client declared.',
    examples: ['video/webm;codecs=vp8,opus'],
  },
  next: { type: 'integer', description: 'The number of the first missing chunk. Continue with it.' },
  missing: {
    type: 'array',
    items: { type: 'integer' },
    description:
      'The numbers of missing chunks before the highest received one, at most 256. For a closed recording: the numbers of chunks that were never received.',
  },
  bytes: { type: 'integer', description: 'Total size of the stored chunks in bytes.' },
  offset: {
    type: 'integer',
    description:
      'Number of bytes before the first missing chunk. The upload with the same id has this `Upload-Offset`.',
  },
  max_chunk_size: { type: 'integer', description: 'Maximum size of a chunk in bytes.' },
  incomplete: { type: 'boolean', description: 'Whether chunks are missing, or the recording was abandoned.' },
  expires_at: {
    type: ['string', 'null'],
    format: 'date-time',
    description:
      'After this time without new chunks, the recording counts as abandoned and is closed. Each chunk extends the time. Null if finished.',
  },
  links: {
    type: 'object',
    required: ['self', 'chunks', 'finalize', 'upload', 'video'],
    properties: {
      self: { type: 'string', examples: [SELF] },
      chunks: {
        type: 'string',
        description: 'Send chunks to this URL. Replace `{n}` by the number of the chunk.',
        examples: [`${SELF}/chunks/{n}`],
      },
      finalize: { type: 'string', examples: [`${SELF}/finalize`] },
      upload: {
        type: 'string',
        description: 'The same upload for tus clients.',
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

/** Creates the response body for a recording. */
export type ShowRecording = (id: string) => Promise<RecordingView>

/**
 * A recording as responses show it.
 * @param options.base the public URL without a trailing slash, or ''. @param options.gaps numbers of the chunks that a closed recording lacks.
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
