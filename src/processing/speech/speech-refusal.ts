import { StepError } from '../../base/errors.ts'
import { storable } from './speech-answer.ts'

/** The code of failures that are the settings', or the service's, and no piece of audio's. */
export const MISCONFIGURED = 'speech_to_text_misconfigured'

/** The longest wait that a service may ask for, in seconds. */
const LONGEST_RETRY_AFTER = 3600

/** An answer that is an error. */
export interface Refusal {
  readonly status: number
  readonly code: string | null | undefined
  /** The field that it is about. */
  readonly param: string | null | undefined
  readonly message: string
  /** The header of that name. */
  readonly retryAfter: string | null
}

/** Whether a service refused the form of answer that it was asked for. */
export function isRefusedForm({ status, code, param, message }: Refusal): boolean {
  const form =
    /unsupported_value|response_format|timestamp_granularit|verbose_json|diarized_json|chunking_strategy/
  return (status === 400 || status === 422) && form.test(`${code} ${param} ${message}`)
}

/** Says what a refusal means. @param apiKey is not repeated, whatever the service says of it. */
export function explainRefusal(refusal: Refusal, apiKey: string, cause: unknown): StepError {
  const { status, message } = refusal
  // The library puts the status before the words.
  const words = storable(message.replace(`${status} `, '').slice(0, 500)).replaceAll(apiKey, '***')
  const said = `The speech-to-text service answered ${status}: ${words}`
  if (status === 401 || status === 403 || status === 404) {
    const hint = `${said}. Check OPENAI_API_KEY, OPENAI_BASE_URL and TRANSCRIBE_MODEL.`
    return new StepError(MISCONFIGURED, hint, { retryable: false, cause })
  }
  if (status < 500 && status !== 408 && status !== 409 && status !== 429) {
    return new StepError('speech_to_text_refused', said, { retryable: false, cause })
  }
  return unavailable(said, cause, retryAfter(refusal.retryAfter, Date.now()))
}

/** Says that there was no answer, or only a part of one. */
export function brokenOff(cause: unknown): StepError {
  return unavailable('The connection to the speech-to-text service broke or timed out', cause)
}

/** Both forms of the header (RFC 9110 §10.2.3). @param now milliseconds. @returns seconds, an hour at most. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (!header) return undefined
  const seconds = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000
  return seconds > 0 ? Math.min(seconds, LONGEST_RETRY_AFTER) : undefined
}

function unavailable(message: string, cause: unknown, seconds?: number): StepError {
  return new StepError('speech_to_text_unavailable', message, {
    retryable: true,
    cause,
    ...(seconds !== undefined && { retryAfter: seconds }),
  })
}

/** Whether a failure is one of the settings, which no request gets past. */
export function isMisconfigured(error: unknown): error is StepError & { code: typeof MISCONFIGURED } {
  return error instanceof StepError && error.code === MISCONFIGURED
}
