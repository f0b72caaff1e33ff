import { NOTE_CODES, SKIP_REASONS, STEP_ERRORS } from '../../base/step-reasons.ts'
import { STEP_NAMES } from '../../database/tables/steps.ts'
import { PLAYBACK_METHODS, VIDEO_STATUSES } from '../../database/tables/videos.ts'
import { PARTIAL } from '../../videos/pipeline/pipeline.ts'
import { type FromSchema, namesOf } from '../schema-types.ts'
import { nullable } from '../schemas.ts'
import { streamSchema } from './stream-schema.ts'

const errorSchema = {
  type: ['object', 'null'],
  required: ['code', 'message'],
  properties: {
    code: { type: 'string', enum: STEP_ERRORS, examples: ['unsupported_media'] },
    message: { type: 'string', examples: ['The file is not a video or audio file that can be read.'] },
  },
} as const
const time = { type: 'string', format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] } as const
const nullableTime = { type: ['string', 'null'], format: 'date-time' } as const

const stepSchema = {
  type: 'object',
  required: ['name', 'state', 'progress', 'attempts', 'reason', 'error', 'started_at', 'finished_at'],
  properties: {
    name: { type: 'string', enum: STEP_NAMES },
    state: { type: 'string', enum: ['pending', 'running', 'done', 'skipped', 'failed'] },
    progress: { type: 'number', description: 'Progress in percent.', minimum: 0, maximum: 100 },
    attempts: { type: 'integer', description: 'Number of attempts so far.' },
    reason: {
      ...nullable('string'),
      enum: [...SKIP_REASONS, PARTIAL, null],
      description:
        'Why the step was skipped: `…_failed` names the failed step on which it depends. `partial` if the step is done, but a part of its work failed.',
    },
    error: { ...errorSchema, description: 'The error of the last attempt.' },
    started_at: nullableTime,
    finished_at: nullableTime,
  },
} as const

const noteSchema = {
  type: 'object',
  required: ['step', 'code', 'message'],
  properties: {
    step: { type: 'string', enum: STEP_NAMES },
    code: { type: 'string', enum: NOTE_CODES, examples: ['ends_early'] },
    message: { type: 'string', examples: ['The file ends early: it declares 36 s, but has 2 s.'] },
  },
} as const

const linkProperties = {
  self: { type: 'string' },
  stream: { type: 'string' },
  source: { type: 'string' },
  audio: nullable('string'),
  peaks: nullable('string'),
  poster: nullable('string'),
  poster_small: {
    ...nullable('string'),
    description:
      'The poster, at most 480 pixels wide. The link changes when the poster changes, so caches can keep it.',
  },
  storyboard: nullable('string'),
  storyboard_vtt: nullable('string'),
  transcript: nullable('string'),
  transcript_txt: nullable('string'),
  captions: { type: 'string' },
  chapters_vtt: nullable('string'),
  captions_vtt: nullable('string'),
  captions_srt: nullable('string'),
  embed: { type: 'string' },
  events: { type: 'string' },
} as const

const uploadSchema = {
  type: ['object', 'null'],
  description: 'Progress of the upload while the status is `uploading`; otherwise null.',
  examples: [null],
  required: ['offset', 'length'],
  properties: {
    offset: { type: 'integer', description: 'Number of stored bytes.', examples: [524288] },
    length: {
      ...nullable('integer'),
      description: 'Total number of bytes; null if the client has not declared it.',
      examples: [1048576],
    },
  },
} as const

const videoProperties = {
  id: { type: 'string', format: 'uuid', examples: ['019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'] },
  title: { type: 'string', examples: ['Team meeting'] },
  description: { type: 'string' },
  status: {
    type: 'string',
    enum: VIDEO_STATUSES,
    description: '`ready`: the video can be played, even if a step failed. `failed`: the source is unusable.',
    examples: ['ready'],
  },
  upload: uploadSchema,
  error: { ...errorSchema, description: 'Why the source is unusable; null unless the status is `failed`.' },
  incomplete: {
    type: 'boolean',
    description: 'Whether the video is a recording that lacks some of its chunks or its end.',
  },
  filename: {
    ...nullable('string'),
    description: 'The name of the uploaded file.',
    examples: ['meeting.mp4'],
  },
  content_type: {
    ...nullable('string'),
    description: 'Recognised from the content.',
    examples: ['video/mp4'],
  },
  language: {
    ...nullable('string'),
    description: 'The language that was set (a BCP 47 tag), or the recognised language of the transcript.',
    examples: ['en'],
  },
  tags: { type: 'array', items: { type: 'string' }, examples: [['team', 'weekly']] },
  size: {
    ...nullable('integer'),
    description: 'Size of the source in bytes; null while the video is being uploaded.',
    examples: [1048576],
  },
  sha256: { ...nullable('string'), description: 'SHA-256 of the source, in hex.' },
  duration: {
    ...nullable('number'),
    description: 'Duration in seconds, measured in the file.',
    examples: [61.5],
  },
  declared_duration: {
    ...nullable('number'),
    description: 'The duration in seconds that the file declares, if it ends early; otherwise null.',
    examples: [36],
  },
  width: { ...nullable('integer'), description: 'Width in pixels after rotation.', examples: [1920] },
  height: { ...nullable('integer'), description: 'Height in pixels after rotation.', examples: [1080] },
  rotation: {
    ...nullable('integer'),
    description: 'The clockwise rotation that players apply to the source, in degrees.',
    examples: [90],
  },
  frame_rate: { ...nullable('number'), description: 'Average frames per second.', examples: [29.97] },
  bit_rate: { ...nullable('integer'), description: 'Average bits per second.', examples: [4500000] },
  container: { ...nullable('string'), description: 'Recognised from the content.', examples: ['mp4'] },
  video_codec: { ...nullable('string'), examples: ['h264'] },
  audio_codec: { ...nullable('string'), examples: ['aac'] },
  streams: {
    type: 'array',
    description: 'All tracks of the source, in the order of the file.',
    items: streamSchema,
  },
  chapters: {
    type: 'array',
    description: 'The chapters that the file declares. Times are in seconds.',
    items: {
      type: 'object',
      required: ['start', 'end', 'title'],
      properties: {
        start: { type: 'number', examples: [0] },
        end: { type: 'number', examples: [61.5] },
        title: { type: 'string', examples: ['Introduction'] },
      },
    },
  },
  playback: {
    type: ['string', 'null'],
    enum: [...PLAYBACK_METHODS, null],
    description:
      'The file that `stream` serves: the `source`, the same streams in another container (`remux`), or a new encoding (`transcode`). Null until this is decided.',
  },
  steps: { type: 'array', description: 'The processing steps and their state.', items: stepSchema },
  notes: {
    type: 'array',
    description: 'Warnings about the file, for example that it is damaged.',
    items: noteSchema,
  },
  speech_seconds_sent: {
    type: 'number',
    description:
      'Seconds of audio that were sent to the speech-to-text service. Audio that was sent twice counts twice.',
    examples: [61.5],
  },
  transcript: {
    ...nullable('string'),
    description: 'The whole text of the current transcript.',
    examples: ['Good morning everybody.'],
  },
  links: {
    type: 'object',
    description: 'Links to the files of the video. A link is null if its file does not exist yet.',
    required: namesOf(linkProperties),
    properties: linkProperties,
  },
  created_at: {
    ...time,
    description: 'Time at which the upload was finished, or was created if it is not finished yet.',
  },
  updated_at: { ...time, description: 'Time of the last change, including changes by processing.' },
} as const

/** A video in responses. All members are required, so that the serializer keeps this order. */
export const videoSchema = {
  $id: 'Video',
  type: 'object',
  required: namesOf(videoProperties),
  properties: videoProperties,
} as const

declare module '../schema-types.ts' {
  interface NamedSchemas {
    Video: VideoView
  }
}

/** A video as responses show it. */
export type VideoView = FromSchema<typeof videoSchema>
