import { type Kysely, type Selectable, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import { notFound } from '../base/errors.ts'
import type { Db, Schema } from '../database/schema.ts'
import type { EventType } from '../database/tables/messaging.ts'
import type {
  DeliveryState,
  WebhookDeliveriesTable,
  WebhookSecret,
  WebhooksTable,
} from '../database/tables/webhooks.ts'
import { newSecret } from './signature.ts'

export type WebhookRow = Selectable<WebhooksTable>
export type DeliveryRow = Selectable<WebhookDeliveriesTable>

/** A replaced secret continues to sign for this time. */
const SECRET_OVERLAP_MS = 24 * 3600 * 1000
/** Number of replaced secrets that are kept. */
const MAX_OLD_SECRETS = 3

export async function insertWebhook(db: Db, url: string, events: readonly EventType[]): Promise<WebhookRow> {
  const secrets: WebhookSecret[] = [{ secret: newSecret(), expires_at: null }]
  return db
    .insertInto('webhooks')
    .values({ id: uuid(), url, events: JSON.stringify(events), secrets: JSON.stringify(secrets) })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function listWebhooks(db: Db): Promise<WebhookRow[]> {
  return db.selectFrom('webhooks').selectAll().orderBy('id').execute()
}

/** @throws ApiError 404 */
export async function getWebhook(db: Db, id: string): Promise<WebhookRow> {
  const row = await db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw notFound('The webhook')
  return row
}

/** Deletes a webhook and its deliveries. @throws ApiError 404 */
export async function deleteWebhook(db: Db, id: string): Promise<void> {
  const { numDeletedRows } = await db.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst()
  if (numDeletedRows === 0n) throw notFound('The webhook')
}

/** Creates a new secret. The previous one continues to sign for a day. @throws ApiError 404 */
export async function addSecret(db: Db, id: string): Promise<WebhookRow> {
  return db.transaction().execute(async trx => {
    const row = await trx
      .selectFrom('webhooks')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (!row) throw notFound('The webhook')
    const until = new Date(Date.now() + SECRET_OVERLAP_MS).toISOString()
    const before = row.secrets
      .filter(isCurrent)
      .slice(0, MAX_OLD_SECRETS)
      .map(({ secret, expires_at }) => ({ secret, expires_at: expires_at ?? until }))
    const secrets = [{ secret: newSecret(), expires_at: null }, ...before]
    return trx
      .updateTable('webhooks')
      .set({ secrets: JSON.stringify(secrets) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** Secrets that sign now, newest first. */
export function currentSecrets({ secrets }: Pick<WebhookRow, 'secrets'>): string[] {
  return secrets.filter(isCurrent).map(({ secret }) => secret)
}

function isCurrent({ expires_at }: WebhookSecret): boolean {
  return expires_at === null || Date.parse(expires_at) > Date.now()
}

/** Deliveries of a webhook, latest event first. @param before an event id; only older events are listed. */
export async function listDeliveries(
  db: Db,
  webhookId: string,
  { limit, before, state }: { limit: number; before?: string | undefined; state?: DeliveryState | undefined },
): Promise<DeliveryRow[]> {
  return db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .$if(before !== undefined, query => query.where('event_id', '<', before!))
    .$if(state !== undefined, query => query.where('state', '=', state!))
    .orderBy('event_id', 'desc')
    .limit(limit)
    .execute()
}

/** Makes a delivery due again and resets its number of attempts. @throws ApiError 404 */
export async function replayDelivery(db: Db, webhookId: string, id: string): Promise<DeliveryRow> {
  const row = await db
    .updateTable('webhook_deliveries')
    .set({ state: 'pending', attempts: 0, due_at: sql<Date>`now()`, lease_token: null })
    .where('webhook_id', '=', webhookId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw notFound('The delivery')
  return row
}

/** A delivery that this process has leased. Only the holder of the token can save the result. */
export interface DueDelivery {
  readonly delivery: DeliveryRow
  readonly webhook: WebhookRow
  readonly token: string
}

/**
 * Claims the delivery that has been due longest. Exactly one process gets it.
 * @param leaseS seconds after which it is due again. @param except ids of webhooks to skip.
 */
export async function claimDelivery(
  db: Db,
  leaseS: number,
  except: readonly string[],
): Promise<DueDelivery | undefined> {
  const token = uuid()
  const due = db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('state', '=', 'pending')
    .where('due_at', '<=', sql<Date>`now()`)
    .$if(except.length > 0, query => query.where('webhook_id', 'not in', except))
    .orderBy('due_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
  const delivery = await db
    .updateTable('webhook_deliveries')
    .set({
      attempts: sql<number>`attempts + 1`,
      due_at: sql<Date>`now() + ${leaseS} * interval '1 second'`,
      lease_token: token,
      attempted_at: sql<Date>`now()`,
    })
    .where('id', '=', due)
    .returningAll()
    .executeTakeFirst()
  const webhook =
    delivery &&
    (await db.selectFrom('webhooks').selectAll().where('id', '=', delivery.webhook_id).executeTakeFirst())
  return webhook && { delivery, webhook, token }
}

export interface Outcome {
  readonly state: DeliveryState
  readonly response_status: number | null
  readonly response_body: string | null
  readonly error: string | null
  /** Time until the next attempt, if the delivery is pending. */
  readonly delayS: number
}

/** Saves the result of an attempt, unless another process has claimed the delivery since. */
export async function settleDelivery(
  db: Db,
  { delivery, token }: DueDelivery,
  outcome: Outcome,
): Promise<void> {
  const { delayS, ...columns } = outcome
  await db
    .updateTable('webhook_deliveries')
    .set({ ...columns, lease_token: null, due_at: sql<Date>`now() + ${delayS} * interval '1 second'` })
    .where('id', '=', delivery.id)
    .where('lease_token', '=', token)
    .execute()
}

/** Disables a webhook. Its pending deliveries fail. */
export async function disableWebhook(db: Kysely<Schema>, id: string): Promise<void> {
  await db.transaction().execute(async trx => {
    await trx.updateTable('webhooks').set({ disabled_at: sql<Date>`now()` }).where('id', '=', id).execute()
    await trx
      .updateTable('webhook_deliveries')
      .set({ state: 'failed', error: 'The webhook is disabled.' })
      .where('webhook_id', '=', id)
      .where('state', '=', 'pending')
      .execute()
  })
}

/** Deletes completed deliveries of old events. @param now from `steadyDatabaseTime`. @param ageS seconds since the event. */
export async function deleteOldDeliveries(db: Db, now: Date, ageS: number): Promise<void> {
  await db
    .deleteFrom('webhook_deliveries')
    .where('state', '<>', 'pending')
    .where('time', '<', sql<Date>`${now}::timestamptz - ${ageS} * interval '1 second'`)
    .execute()
}
