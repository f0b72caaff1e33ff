import { StepError } from '../../base/errors.ts'
import { retryAfterOf } from '../../net/retry-after.ts'
import { storable } from './speech-answer.ts'
import { MISCONFIGURED, refused, unavailable } from './speech-to-text.ts'

/** The longest wait that a service may ask for. */
const MAX_RETRY_AFTER_S = 3600
/** Characters of a service's message that are kept. */
const MAX_MESSAGE_LENGTH = 500

/** An answer of OpenAI's API with an error status. */
export interface Refusal {
  readonly status: number
  readonly code: string | null | undefined
  /** The request's field that is at fault. */
  readonly param: string | null | undefined
  readonly message: string
  /** The `Retry-After` header. */
  readonly retryAfter: string | null
}

/** Whether the service refused the form of answer that it was asked for. */
export function isRefusedForm({ status, code, param, message }: Refusal): boolean {
  const form =
    /unsupported_value|response_format|timestamp_granularit|verbose_json|diarized_json|chunking_strategy/
  return (status === 400 || status === 422) && form.test(`${code} ${param} ${message}`)
}

/**
 * Turns a refusal into a step's failure.
 * @param apiKey is removed from the service's message. @param settings are named when they may be wrong.
 */
export function explainRefusal(
  refusal: Refusal,
  { apiKey, settings }: { apiKey: string; settings: string },
  cause: unknown,
): StepError {
  const { status, message } = refusal
  // The client library puts the status before the message.
  const text = storable(message.replace(`${status} `, '').slice(0, MAX_MESSAGE_LENGTH)).replaceAll(
    apiKey,
    '***',
  )
  const answer = `The speech-to-text service answered ${status}: ${text}`
  if (status === 401 || status === 403 || status === 404) {
    const hint = `${answer}. Check ${settings}.`
    return new StepError(MISCONFIGURED, hint, { retryable: false, cause })
  }
  if (status < 500 && status !== 408 && status !== 409 && status !== 429) return refused(answer, cause)
  return unavailable(answer, cause, retryAfterOf(refusal.retryAfter, MAX_RETRY_AFTER_S))
}

/** The failure of a request without an answer, or with only a part of one. */
export function connectionLost(cause: unknown): StepError {
  return unavailable('The connection to the speech-to-text service broke or timed out', cause)
}
