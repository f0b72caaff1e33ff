import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  type NatsConnection,
  NatsError,
  nanos,
  type Consumer as PullConsumer,
  RetentionPolicy,
  StorageType,
} from 'nats'
import { EVENT_TYPES, type EventType } from '../database/tables/messaging.ts'
import { REQUEST_TIMEOUT_MS } from './nats-connection.ts'

export const STREAM = 'VIDEOS'

/** JetStream API error codes. */
const STREAM_NOT_FOUND_CODE = 10059
const CONSUMER_NOT_FOUND_CODE = 10014

const RETENTION_MS = 7 * 24 * 3600 * 1000
const DEDUPE_MS = 120_000
const MAX_UNACKNOWLEDGED = 64

export interface ConsumerSettings {
  readonly name: string
  readonly type: EventType
  /** An event that is not acknowledged within this time goes to another consumer. Applies when the consumer is created. */
  readonly ackWaitMs: number
}

export function streamManager(connection: NatsConnection): Promise<JetStreamManager> {
  return connection.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS })
}

/** Creates the stream if it is missing, and adds the subjects that it lacks. Keeps every other setting of an operator. */
export async function ensureStream({ streams }: JetStreamManager): Promise<void> {
  const { config } = (await streams.info(STREAM).catch(undefinedIf(STREAM_NOT_FOUND_CODE))) ?? {}
  if (!config) {
    await streams.add({
      name: STREAM,
      subjects: [...EVENT_TYPES],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: nanos(RETENTION_MS),
      duplicate_window: nanos(DEDUPE_MS),
    })
    return
  }
  const missing = EVENT_TYPES.filter(type => !config.subjects.some(pattern => covers(pattern, type)))
  if (missing.length) await streams.update(STREAM, { subjects: [...config.subjects, ...missing] })
}

/** Creates the durable consumer if it is missing. NATS 2.9 supports a single `filter_subject`. */
export async function ensureConsumer(
  connection: NatsConnection,
  { name, type, ackWaitMs }: ConsumerSettings,
): Promise<PullConsumer> {
  const jsm = await streamManager(connection)
  await ensureStream(jsm)
  const info = await jsm.consumers.info(STREAM, name).catch(undefinedIf(CONSUMER_NOT_FOUND_CODE))
  if (!info) {
    await jsm.consumers.add(STREAM, {
      durable_name: name,
      filter_subject: type,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_deliver: -1,
      max_ack_pending: MAX_UNACKNOWLEDGED,
    })
  } else if (info.config.filter_subject !== type) {
    // An older version of the service triggered the step by another event.
    await jsm.consumers.update(STREAM, name, { filter_subject: type })
  }
  return connection.jetstream({ timeout: REQUEST_TIMEOUT_MS }).consumers.get(STREAM, name)
}

/** Whether a subject pattern of a stream matches the event type. NATS has two wildcards: `*` for one word, `>` for the rest. */
function covers(pattern: string, type: EventType): boolean {
  const words = type.split('.')
  const parts = pattern.split('.')
  const isSame = (part: string, at: number) => part === '*' || part === words[at]
  if (parts.at(-1) === '>') return parts.length <= words.length && parts.slice(0, -1).every(isSame)
  return parts.length === words.length && parts.every(isSame)
}

function undefinedIf(errorCode: number): (error: unknown) => undefined {
  return error => {
    if (error instanceof NatsError && error.api_error?.err_code === errorCode) return undefined
    throw error
  }
}
