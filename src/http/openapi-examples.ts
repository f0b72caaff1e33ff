import { ApiError } from '../base/errors.ts'
import { PROBLEM_TYPE, problemOf } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import type { JsonSchema } from './openapi-names.ts'
import { exampleOf } from './schema-example.ts'

interface Media {
  schema?: JsonSchema
  example?: unknown
}
interface MessageBody {
  content?: Record<string, Media>
}
interface Parameter {
  readonly name: string
  schema?: JsonSchema
  example?: unknown
}
interface Operation {
  readonly parameters?: Parameter[]
  readonly requestBody?: MessageBody
  readonly responses?: Record<string, MessageBody>
}
interface Document {
  readonly paths?: object
  readonly webhooks?: object
  readonly components?: { readonly schemas?: object; readonly responses?: object }
}

const CAPTIONS = '00:00:01.200 --> 00:00:03.400\n<v Ann>Good morning everybody.\n'

/** Example bodies for media types whose schema is only a string. */
const TEXTS: Readonly<Record<string, string>> = {
  'text/vtt': `WEBVTT\n\n${CAPTIONS}`,
  'application/x-subrip': '1\n00:00:01,200 --> 00:00:03,400\nAnn: Good morning everybody.\n',
  'text/html': '<!doctype html><html lang="en"><title>Team meeting</title><video controls></video></html>',
  'text/event-stream':
    'id: 42\nevent: video\ndata: {"id":"019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071","status":"ready"}\n\n',
  'multipart/byteranges': '--a1b2\r\nContent-Range: bytes 0-1/1048576\r\n\r\n…\r\n--a1b2--\r\n',
}
/** Example bodies of particular paths. */
const TEXTS_BY_PATH: Readonly<Record<string, string>> = {
  '/metrics': '# TYPE longtake_uploads_unfinished gauge\nlongtake_uploads_unfinished 2\n',
  '/videos/{id}/transcript.txt': 'Good morning everybody.\n',
  '/videos/{id}/storyboard.vtt': 'WEBVTT\n\n00:00:00.000 --> 00:00:10.000\nstoryboard.jpg#xywh=0,0,160,90\n',
  '/videos/{id}/chapters.vtt': 'WEBVTT\n\n00:00:00.000 --> 00:01:01.500\nIntroduction\n',
}

/** The most frequent problem of each status. */
const PROBLEMS: Readonly<Record<string, readonly [code: ProblemCode, detail: string, field?: string]>> = {
  400: ['invalid_request', 'title must NOT have fewer than 1 characters.', 'title'],
  401: ['unauthenticated', 'Authentication required: send Authorization: Bearer and a key or token.'],
  403: ['insufficient_scope', 'This request needs the scope write.'],
  404: ['not_found', 'The video was not found.'],
  409: ['request_under_way', 'A request with this Idempotency-Key is still running. Try again later.'],
  410: ['recording_expired', 'The recording had no new chunks for too long and has expired.'],
  412: [
    'precondition_failed',
    'The current version of the video does not match the condition of the request. Read the video again.',
    'if-match',
  ],
  413: ['too_large', 'A chunk may have at most 67108864 bytes.'],
  415: ['unsupported_media_type', 'The body must be multipart/form-data.'],
  416: ['range_not_satisfiable', 'The content has 1048576 bytes; the range starts after its end.'],
  422: [
    'idempotency_key_reused',
    'The Idempotency-Key was already used for a different request.',
    'idempotency-key',
  ],
  423: ['upload_locked', 'Another request is writing to this upload. Try again.'],
  429: ['too_many_requests', 'Too many requests. Try again in 12 s.'],
  503: ['database_unavailable', 'The database is not reachable now. Try again.'],
  507: ['storage_full', 'The server has no free space left.'],
}

/** Adds an example to every parameter, request and response that has none. */
export function withExamples<T extends Document>(document: T): T {
  const schemas = (document.components?.schemas ?? {}) as Record<string, JsonSchema>
  for (const [path, operations] of Object.entries({ ...document.paths, ...document.webhooks }))
    for (const { parameters = [], requestBody, responses = {} } of Object.values(
      operations as Record<string, Operation>,
    )) {
      for (const parameter of parameters)
        if (!('examples' in parameter))
          parameter.example ??= exampleOf(parameter.schema ?? {}, schemas, parameter.name)
      for (const body of [requestBody, ...Object.values(responses)])
        for (const [type, media] of Object.entries(body?.content ?? {}))
          if (!('examples' in media)) media.example ??= exampleOfBody(path, type, media.schema ?? {}, schemas)
      for (const [status, { content }] of Object.entries(responses)) {
        const problem = content?.[PROBLEM_TYPE]
        if (problem) problem.example = exampleProblem(Number(status))
      }
    }
  for (const [name, body] of Object.entries(
    (document.components?.responses ?? {}) as Record<string, MessageBody>,
  )) {
    const status = name.replace('Problem', '')
    for (const media of Object.values(body.content ?? {})) media.example = exampleProblem(Number(status))
  }
  return document
}

function exampleOfBody(
  path: string,
  type: string,
  schema: JsonSchema,
  schemas: Record<string, JsonSchema>,
): unknown {
  const text = TEXTS_BY_PATH[path] ?? TEXTS[type]
  if (text !== undefined && schema.type === 'string') return text
  if (schema.format === 'binary') return '(the bytes)'
  return exampleOf(schema, schemas)
}

function exampleProblem(status: number): object {
  const [code, detail, field] = PROBLEMS[status] ?? [
    'internal',
    'An unexpected error occurred on the server.',
  ]
  return problemOf(new ApiError(status, code, detail, field))
}
