import type { JsonSchema } from './openapi-names.ts'

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
const SELF = `/videos/${ID}`
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

/** Values that most videos have. The examples in the schema show the rare case. */
const USUAL: Readonly<Record<string, unknown>> = {
  declared_duration: null,
  rotation: 0,
  dolby_vision_profile: null,
}

/** Examples for properties whose schema has none. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  description: 'The weekly meeting of the team.',
  sha256: SHA256,
  source_sha256: SHA256,
  text: 'Good morning everybody.',
  snippet: [
    { text: 'Good ', hit: false },
    { text: 'morning', hit: true },
    { text: ' everybody.', hit: false },
  ],
  link: `${SELF}/stream#t=1.2`,
  start: 1.2,
  end: 3.4,
  index: 0,
  n: 0,
  next: 1,
  missing: [],
  revision: 2,
  attempts: 1,
  progress: 100,
  bytes: 1048576,
  offset: 1048576,
  max_size: 1073741824,
  max_chunk_size: 67108864,
  chunks: 2,
  limit: 24,
  length: 2,
  data: [-12, 14, -80, 73],
  sample_rate: 48000,
  samples_per_pixel: 512,
  channels: 2,
  width: 1920,
  height: 1080,
  frame_rate: 29.97,
  bit_rate: 4500000,
  version: '0.1.0',
  speech_to_text: 'whisper-1',
  transcription_pause: null,
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  owner: 'ann',
  q: 'good morning',
  tag: 'team',
  cursor: 'eyJrIjoiMjAyNi0wMS0zMSJ9',
  next_cursor: null,
  next_before: null,
  before: ID,
  error: null,
  disabled_at: null,
  next_attempt_at: null,
  restored_from: null,
  response_status: 204,
  response_body: null,
  reason: null,
  gaps: [],
  dropped: [],
  notes: [],
  partial: false,
  incomplete: false,
  forced: false,
  trimmed: false,
  language: 'en',
  step: 'poster',
  state: 'done',
  status: 'ready',
  playback: 'source',
  file: '2.vtt',
  detail: 'The database is reachable.',
  self: SELF,
  stream: `${SELF}/stream`,
  source: `${SELF}/source`,
  audio: `${SELF}/audio`,
  peaks: `${SELF}/peaks.json`,
  poster: `${SELF}/poster`,
  poster_small: `${SELF}/poster/small?v=1`,
  storyboard: `${SELF}/storyboard.jpg`,
  storyboard_vtt: `${SELF}/storyboard.vtt`,
  transcript: `${SELF}/transcript`,
  transcript_txt: `${SELF}/transcript.txt`,
  captions: `${SELF}/captions`,
  chapters_vtt: `${SELF}/chapters.vtt`,
  captions_vtt: `${SELF}/captions.vtt`,
  captions_srt: `${SELF}/captions.srt`,
  vtt: `${SELF}/captions.vtt`,
  srt: `${SELF}/captions.srt`,
  embed: `${SELF}/embed`,
  events: `${SELF}/events`,
  'if-match': '"3"',
  'if-none-match': '"2"',
  'idempotency-key': '7b0f3c9e-2f0d-4d55-9f5e-5f1c1d6f0b2a',
  range: 'bytes=0-1023',
  'last-event-id': '42',
}

/**
 * An example for a schema: its own example, or a usual value of the property, or the simplest valid value.
 * @param named the schemas to which references point. @param name of the property.
 */
export function exampleOf(
  schema: JsonSchema,
  named: Readonly<Record<string, JsonSchema>>,
  name = '',
): unknown {
  const {
    $ref,
    examples,
    enum: values,
    anyOf,
  } = schema as JsonSchema & {
    examples?: unknown[]
    enum?: unknown[]
    anyOf?: JsonSchema[]
  }
  if (name in USUAL) return USUAL[name]
  if (examples) return examples[0]
  const usual = BY_NAME[name.toLowerCase()]
  if (usual !== undefined && allows(schema, usual)) return usual
  if ($ref) return exampleOf(named[$ref.split('/').at(-1)!] ?? {}, named)
  if (anyOf) return exampleOf(anyOf[0]!, named)
  if (values) return values[0]
  return simplest(schema, named)
}

function simplest(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): unknown {
  const { properties, items, format, default: preset, minimum = 1 } = schema
  if (preset !== undefined) return preset
  if (properties)
    return Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, exampleOf(value, named, key)]),
    )
  switch ([schema.type].flat()[0]) {
    case 'array':
      return items ? [exampleOf(items, named)] : []
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return minimum
    case 'object':
      return {}
    case 'null':
      return null
    default:
      return format === 'uuid'
        ? ID
        : format === 'date-time'
          ? '2026-01-31T12:00:00.000Z'
          : format === 'binary'
            ? '(the bytes)'
            : 'text'
  }
}

function allows({ type, enum: values, $ref, anyOf, items }: JsonSchema, value: unknown): boolean {
  if (values) return (values as unknown[]).includes(value)
  if (value === null && anyOf) return true
  if ($ref || anyOf) return false
  if (Array.isArray(value) && items?.$ref) return value.length === 0
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  const types = [type].flat()
  if (kind === 'array' && items && (value as unknown[]).length > 0)
    return types.includes('array') && !items.enum
  return types.includes(kind) || (kind === 'number' && types.includes('integer') && Number.isInteger(value))
}
