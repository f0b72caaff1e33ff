import { PROBLEM_TYPE } from '../base/problem.ts'
import { PROBLEM_DESCRIPTIONS } from './schemas.ts'

interface NamedResponse {
  description?: string
  readonly content?: object
}
type Operations = Record<string, { responses?: Record<string, NamedResponse | { $ref: string }> }>
interface Document {
  paths?: object
  components?: { responses?: object }
}

/** The plugin's description of a response for which the route has none. */
const NO_DESCRIPTION = 'Default Response'
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'The current state.',
  201: 'Created.',
  202: 'Accepted; processing continues.',
  503: 'Temporarily unavailable.',
}

/** Names the problem responses that operations share, and describes responses without a description. */
export function withNamedResponses<T extends Document>(document: T): T {
  const named: Record<string, NamedResponse> = {}
  for (const path of Object.values(document.paths ?? {}))
    for (const { responses = {} } of Object.values(path as Operations))
      for (const [status, response] of Object.entries(responses)) {
        if ('$ref' in response) continue
        if (response.description === NO_DESCRIPTION)
          response.description = DESCRIPTIONS[status] ?? NO_DESCRIPTION
        const isShared = response.description === PROBLEM_DESCRIPTIONS[Number(status)]
        if (!isShared || Object.keys(response.content ?? {}).join() !== PROBLEM_TYPE) continue
        named[`Problem${status}`] = response
        responses[status] = { $ref: `#/components/responses/Problem${status}` }
      }
  document.components = { ...document.components, responses: named }
  return document
}
