import { v7 as uuid } from 'uuid'
import { type PostOptions, postMessage } from './post-message.ts'
import { currentSecrets, type WebhookRow } from './webhook-rows.ts'

/** The response of a webhook's receiver to a test event. */
export interface PingResult {
  /** Whether the response was 2xx. */
  readonly delivered: boolean
  /** Null if there was no response. */
  readonly response_status: number | null
  /** The beginning of the response. */
  readonly response_body: string | null
  readonly error: string | null
  /** Seconds. */
  readonly duration: number
}

/**
 * Sends a signed test event (`ping`) to a webhook, once. It is no delivery: it is neither repeated nor logged, and a response of 410 does
 * not disable the webhook.
 */
export async function pingWebhook(
  webhook: WebhookRow,
  options: Pick<PostOptions, 'allowPrivate' | 'signal'>,
): Promise<PingResult> {
  const now = new Date()
  const body = JSON.stringify({ type: 'ping', timestamp: now.toISOString(), data: {} })
  const message = { id: uuid(), timestamp: Math.floor(now.getTime() / 1000), body }
  const start = performance.now()
  const duration = () => Math.round(performance.now() - start) / 1000
  try {
    const { status, body } = await postMessage(webhook.url, message, {
      ...options,
      secrets: currentSecrets(webhook),
    })
    const delivered = status >= 200 && status <= 299
    const error = delivered ? null : `The receiver responded with ${status}.`
    return { delivered, response_status: status, response_body: body, error, duration: duration() }
  } catch (failure) {
    const error = failure instanceof Error ? failure.message : String(failure)
    return { delivered: false, response_status: null, response_body: null, error, duration: duration() }
  }
}
