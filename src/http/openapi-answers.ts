import { PROBLEM_TYPE } from '../base/problem.ts'
import { PROBLEM_DESCRIPTIONS } from './schemas.ts'

interface Answer {
  description?: string
  readonly content?: object
}
type Operations = Record<string, { responses?: Record<string, Answer | { $ref: string }> }>
interface Document {
  paths?: object
  components?: { responses?: object }
}

/** The plugin's description of a response for which the route has none. */
const NO_DESCRIPTION = 'Default Response'
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'The current state.',
  201: 'Created.',
  202: 'Accepted; the work continues.',
  503: 'Temporarily unavailable.',
}

/** Gives names to the problems that operations share, and descriptions to responses without one. */
export function withNamedAnswers<T extends Document>(document: T): T {
  const named: Record<string, Answer> = {}
  for (const path of Object.values(document.paths ?? {}))
    for (const { responses = {} } of Object.values(path as Operations))
      for (const [status, answer] of Object.entries(responses)) {
        if ('$ref' in answer) continue
        if (answer.description === NO_DESCRIPTION) answer.description = DESCRIPTIONS[status] ?? NO_DESCRIPTION
        const isShared = answer.description === PROBLEM_DESCRIPTIONS[Number(status)]
        if (!isShared || Object.keys(answer.content ?? {}).join() !== PROBLEM_TYPE) continue
        named[`Problem${status}`] = answer
        responses[status] = { $ref: `#/components/responses/Problem${status}` }
      }
  document.components = { ...document.components, responses: named }
  return document
}
