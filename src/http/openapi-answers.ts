import { PROBLEM_TYPE } from '../base/problem.ts'

interface Answer {
  description?: string
  readonly content?: object
}
type Operations = Record<string, { responses?: Record<string, Answer | { $ref: string }> }>
interface Document {
  paths?: object
  components?: { responses?: object }
}

/** What the plugin writes where a route does not say more. */
const UNSAID = 'Default Response'
const SAID: Readonly<Record<string, string>> = {
  200: 'What was asked for, as it is now.',
  201: 'It was made.',
  202: 'It was taken up, and goes on.',
  503: 'It cannot be used now.',
}

/** Names the problems that most operations share, each once, and says of each other answer what it is. */
export function withNamedAnswers<T extends Document>(document: T): T {
  const named: Record<string, Answer> = {}
  for (const path of Object.values(document.paths ?? {}))
    for (const { responses = {} } of Object.values(path as Operations))
      for (const [status, answer] of Object.entries(responses)) {
        if ('$ref' in answer) continue
        if (answer.description === UNSAID) answer.description = SAID[status] ?? UNSAID
        if (Object.keys(answer.content ?? {}).join() !== PROBLEM_TYPE) continue
        named[`Problem${status}`] = answer
        responses[status] = { $ref: `#/components/responses/Problem${status}` }
      }
  document.components = { ...document.components, responses: named }
  return document
}
