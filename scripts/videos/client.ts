import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from '../../src/page/api/api-types.d.ts'
import { CREDENTIAL, KEY_HINT } from '../command-line/credential.ts'
import { networkReason, UserError } from '../command-line/user-error.ts'

/** Time limit of one request. */
const TIMEOUT_MS = 60_000

export type Api = Client<paths>
export type Video = components['schemas']['Video']
export type ListedVideo = components['schemas']['ListedVideo']
export type BinnedVideo = components['schemas']['BinnedVideo']
type Problem = components['schemas']['Problem']

/** A client of the API of a server, typed by its OpenAPI document. Requests throw UserError if there is no response. */
export function openApi(server: string, stop: AbortSignal): Api {
  return createClient<paths>({
    baseUrl: server,
    headers: CREDENTIAL,
    fetch: async request => {
      try {
        return await fetch(request, { signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]) })
      } catch (error) {
        stop.throwIfAborted()
        throw new UserError(
          `${server} cannot be reached: ${networkReason(error)}. Start Longtake (./scripts/start), or name another server with --url.`,
          { endsAll: true },
        )
      }
    },
  })
}

interface Answer<T> {
  readonly data?: T
  readonly error?: unknown
  readonly response: Response
}

/** @returns the body of the response. @throws UserError with the reason if the server refused the request */
export function answered<T>({ data, error, response }: Answer<T>): T {
  if (response.ok && isFromLongtake(response)) return data as T
  const { status } = response
  const problem = isProblem(error) ? error : undefined
  if (!problem)
    throw new UserError(`${new URL(response.url).origin} is no Longtake server: it answered ${status}.`, {
      endsAll: true,
    })
  const detail = problem.detail ?? problem.title
  throw new UserError(status === 401 ? `${detail} ${KEY_HINT}` : detail, {
    endsAll: status === 401 || status === 403,
  })
}

/** Other servers answer with pages, also with the status 200. */
function isFromLongtake({ headers }: Response): boolean {
  return !/^text\/html/.test(headers.get('content-type') ?? '')
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'title' in error && typeof error.title === 'string'
}
