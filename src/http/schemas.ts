import { PROBLEM_TYPE } from '../base/problem.ts'

/** The video that a path names. */
export const byId = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      format: 'uuid',
      description: 'The id of the video, which is the id of its upload.',
    },
  },
} as const

export interface ById {
  Params: { id: string }
}

/** For the schema of a route that answers 304. */
export const ifNoneMatch = {
  type: 'object',
  properties: {
    'if-none-match': { type: 'string', description: 'Entity tags of what the client has, or `*`.' },
  },
} as const

/** One for each status: the OpenAPI document names them by it. */
const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is malformed; `field` names the input.',
  401: 'It is not known who asks: a key or token is missing, or not good.',
  403: 'The key, token or link is not for this.',
  404: 'There is no such video, or it lacks this. With the code `not_ready` it is still being made: ask again after `Retry-After` seconds.',
  409: 'It is not in a state for that, or the same is being done right now.',
  410: 'It is over: nobody went on with it in time.',
  412: 'It is not, or no longer, what If-Match or another condition says.',
  413: 'The file is larger than the server takes.',
  415: 'The body is of another type.',
  416: 'The range lies outside of the content.',
  422: 'The Idempotency-Key was used for another request.',
  423: 'Somebody else is writing to it: try again.',
  429: 'Too many requests, or unfinished uploads.',
  503: 'Not now: try again later.',
  507: 'The server has no room left.',
}

/** Responses with problem details, for a route's schema. */
export function problems(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map(status => [
      status,
      {
        description: DESCRIPTIONS[status] ?? 'The request failed.',
        content: { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } },
      },
    ]),
  )
}
