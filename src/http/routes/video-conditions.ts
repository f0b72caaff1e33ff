import type { IncomingHttpHeaders } from 'node:http'
import type { ExpectedVersions } from '../../base/expected-versions.ts'
import { underConditions } from '../conditional.ts'

/** The conditional headers of requests that change a video. */
export const changeHeaders = {
  type: 'object',
  properties: {
    'if-match': {
      type: 'string',
      description: 'The video must have one of these entity tags. `*` matches any video that exists.',
    },
    'if-none-match': {
      type: 'string',
      description: 'The video must have none of these entity tags. `*` matches any video that exists.',
    },
  },
} as const

/**
 * Changes a video under the conditions of the request. Only the part of the entity tag before the dash is compared, because processing does
 * not change it. @throws ApiError 412, and all other errors of `change`.
 */
export function changeVideo<T>(
  headers: IncomingHttpHeaders,
  change: (expected: ExpectedVersions | undefined) => Promise<T>,
): Promise<T> {
  return underConditions(headers, change, tag => tag.split('-')[0]!)
}
