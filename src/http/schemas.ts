import { PROBLEM_TYPE } from '../base/problem.ts'

/** The type of a property that can be null, for a schema. */
export const nullable = <T extends string>(type: T) => ({ type: [type, 'null'] as const })

/** The path parameter `id` of a video. */
export const byId = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      format: 'uuid',
      description: 'The id of the video. Its upload has the same id.',
    },
  },
} as const

/** The path parameter `id` of a recording. */
export const byRecordingId = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      format: 'uuid',
      description: 'The id of the recording. Its upload and its video have the same id.',
    },
  },
} as const

/** The query parameter `limit` of a list. @param items what the list contains, in the plural. */
export const pageLimit = (items: string) =>
  ({
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 20,
    description: `Maximum number of ${items} per page.`,
  }) as const

/** The query parameter `cursor` of a list. */
export const pageCursor = {
  type: 'string',
  maxLength: 4096,
  description: 'The `next_cursor` of the previous page.',
} as const

/** The headers of a route that can respond with 304. */
export const ifNoneMatch = {
  type: 'object',
  properties: {
    'if-none-match': {
      type: 'string',
      description: 'The entity tags of versions that the client has. The response is 304 if one is current.',
    },
  },
} as const

/** One description per status, because the OpenAPI document names these responses by their status. */
export const PROBLEM_DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is invalid; `field` names the invalid input.',
  401: 'Authentication required: the key or token is missing, invalid or expired.',
  403: 'The key, token or link does not permit this.',
  404: 'The resource does not exist. With the code `not_ready` it does not exist yet; try again after `Retry-After` seconds.',
  409: 'The current state of the resource does not permit this, or the same request is in progress.',
  410: 'The resource has expired or was deleted.',
  412: 'If-Match or another precondition is false.',
  413: 'The body is larger than the server accepts.',
  415: 'The media type of the body is not supported.',
  416: 'The range is outside the content.',
  422: 'The Idempotency-Key was already used for a different request.',
  423: 'Another request is writing to this upload or video. Try again.',
  429: 'Too many requests, or too many unfinished uploads.',
  503: 'Temporarily unavailable. Try again later.',
  507: 'The server has no free space left.',
}

/** Responses with problem details, for a route's schema. */
export function problems(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map(status => [
      status,
      {
        description: PROBLEM_DESCRIPTIONS[status] ?? 'The request failed.',
        content: { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } },
      },
    ]),
  )
}

/** Responses of a route that sends text of one of these media types with `sendText`, for its schema. */
export function textResponses(...types: string[]) {
  const content = Object.fromEntries(types.map(type => [type, { schema: { type: 'string' } }]))
  return {
    200: { description: 'The whole text.', content },
    206: { description: 'A part of the text.', content },
    304: { type: 'null', description: 'Not modified.' },
    ...problems(400, 404, 412, 416),
  }
}
