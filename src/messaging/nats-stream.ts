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
const NO_CLUSTER_CODE = 10074
const TOO_FEW_SERVERS_CODE = 10005

const RETENTION_MS = 7 * 24 * 3600 * 1000
const DEDUPE_MS = 120_000
const MAX_UNACKNOWLEDGED = 64
/** Copies of the stream in a cluster, on as many servers: the loss of one server loses nothing. */
const CLUSTER_REPLICAS = 3

export interface ConsumerSettings {
  readonly name: string
  readonly type: EventType
  /** An event that is not acknowledged within this time goes to another consumer. Applies when the consumer is created. */
  readonly ackWaitMs: number
}

export function streamManager(connection: NatsConnection): Promise<JetStreamManager> {
  return connection.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS })
}

/**
 * Creates the stream if it is missing, and adds the subjects that it lacks. Keeps every other setting of an operator.
 * The stream has one replica on a single server, and in a cluster of which fewer than three servers run.
 */
export async function ensureStream(connection: NatsConnection): Promise<void> {
  const { streams } = await streamManager(connection)
  const { config } = (await streams.info(STREAM).catch(undefinedIf(STREAM_NOT_FOUND_CODE))) ?? {}
  if (!config) {
    const add = (num_replicas: number) =>
      streams.add({
        name: STREAM,
        subjects: [...EVENT_TYPES],
        storage: StorageType.File,
        num_replicas,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.Old,
        max_age: nanos(RETENTION_MS),
        duplicate_window: nanos(DEDUPE_MS),
      })
    const isCluster = connection.info?.cluster !== undefined
    // A server can have the name of a cluster and still be alone.
    const tooFew = undefinedIf(NO_CLUSTER_CODE, TOO_FEW_SERVERS_CODE)
    if (!isCluster || !(await add(CLUSTER_REPLICAS).catch(tooFew))) await add(1)
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
  await ensureStream(connection)
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

function undefinedIf(...errorCodes: readonly number[]): (error: unknown) => undefined {
  return error => {
    if (error instanceof NatsError && errorCodes.includes(error.api_error?.err_code ?? 0)) return undefined
    throw error
  }
}
