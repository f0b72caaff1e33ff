import { TRACK_KINDS } from '../../database/tables/videos.ts'
import { namesOf } from '../schema-types.ts'
import { nullable } from '../schemas.ts'

const streamProperties = {
  index: { ...nullable('integer'), description: 'The position of the track in the file, from 0.' },
  kind: {
    type: 'string',
    enum: TRACK_KINDS,
    description: '`image`: a cover or another still image.',
  },
  codec: { type: 'string', examples: ['h264'] },
  supported: { type: 'boolean', description: 'Whether the service can decode the codec.' },
  language: {
    ...nullable('string'),
    description: 'The language that the file declares.',
    examples: ['eng'],
  },
  title: { ...nullable('string'), examples: ['Commentary'] },
  default: { type: 'boolean', description: 'Whether the file marks the track as the default.' },
  forced: { type: 'boolean', description: 'Whether players should always show the subtitle.' },
  selected: { type: 'boolean', description: 'Whether `stream` plays this track.' },
  trimmed: {
    ...nullable('boolean'),
    description:
      'Whether an edit list hides a part of the track. `stream` never serves the source of a trimmed video. Null for videos of older versions.',
  },
  transcribed: {
    type: 'boolean',
    description:
      'Whether the track is transcribed. This is the selected audio track, mixed with the tracks of further microphones.',
  },
  dolby_vision_profile: { ...nullable('integer'), examples: [8] },
  profile: { ...nullable('string'), examples: ['High'] },
  pixel_format: { ...nullable('string'), examples: ['yuv420p'] },
  width: nullable('integer'),
  height: nullable('integer'),
  frame_rate: nullable('number'),
  channels: nullable('integer'),
  sample_rate: { ...nullable('integer'), description: 'Samples per second.' },
  bit_rate: { ...nullable('integer'), description: 'Bits per second.' },
} as const

/** A track of a source in responses. */
export const streamSchema = {
  type: 'object',
  required: namesOf(streamProperties),
  properties: streamProperties,
} as const
