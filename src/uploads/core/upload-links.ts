import { randomBytes } from 'node:crypto'
import { type Kysely, type Selectable, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import { ApiError } from '../../base/errors.ts'
import { sha256Hex } from '../../base/hash.ts'
import type { Db, Schema } from '../../database/schema.ts'
import type { UploadLinksTable } from '../../database/tables/uploads.ts'
import { type Limits, lockOwner } from './allowance.ts'
import { inTurn } from './owner-turns.ts'

export type UploadLink = Selectable<UploadLinksTable>

const TOKEN_BYTES = 32
const TOKEN_FORM = /^[\w-]{43}$/
/** A link whose upload does not exist is deleted this long after it has expired. */
const KEPT_DAYS = 7
/** Links that are checked in one sweep. */
const CHECKED_LINKS = 100

/**
 * Creates a link that allows one upload.
 * @param link `life`: the link expires after this many seconds, if its upload has not begun; `maxSize`: bytes.
 * @throws ApiError 429 if the owner has too many unused links.
 */
export async function createUploadLink(
  db: Kysely<Schema>,
  link: { owner: string | null; maxSize: number; life: number },
  { maxUnfinished }: Limits,
): Promise<{ token: string; expiresAt: Date }> {
  const { owner } = link
  return inTurn(db, owner, async trx => {
    if (owner !== null) {
      await lockOwner(trx, owner)
      await requireFewLinks(trx, owner, maxUnfinished)
    }
    return insertLink(trx, link)
  })
}

/**
 * An owner may have as many unused links as unfinished uploads. Deletes expired links and links of deleted uploads if there are too many.
 * @throws ApiError 429 if the owner has too many unused links.
 */
async function requireFewLinks(trx: Db, owner: string, most: number): Promise<void> {
  const isOver = sql<boolean>`case when upload_id is null then expires_at <= now()
    else not exists (select from uploads where uploads.id = upload_links.upload_id) end`
  const { over, live } = await trx
    .selectFrom('upload_links')
    .where('owner', '=', owner)
    .select([
      sql<number>`(count(*) filter (where ${isOver}))::int`.as('over'),
      sql<number>`(count(*) filter (where upload_id is null and expires_at > now()))::int`.as('live'),
    ])
    .executeTakeFirstOrThrow()
  if (live >= most)
    throw new ApiError(
      429,
      'too_many_links',
      `You have ${live} unused links; the limit is ${most}. Wait until some of them expire.`,
    )
  if (over >= most) await trx.deleteFrom('upload_links').where('owner', '=', owner).where(isOver).execute()
}

async function insertLink(
  db: Db,
  { owner, maxSize, life }: { owner: string | null; maxSize: number; life: number },
): Promise<{ token: string; expiresAt: Date }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const { expires_at: expiresAt } = await db
    .insertInto('upload_links')
    .values({
      id: uuid(),
      hash: hashOf(token),
      owner,
      max_size: maxSize,
      expires_at: sql<Date>`now() + ${life} * interval '1 second'`,
    })
    .returning('expires_at')
    .executeTakeFirstOrThrow()
  return { token, expiresAt }
}

/** Deletes old links whose upload was deleted or never created. Each call checks a few links and continues after those of the last call. */
export class OldLinks {
  /** The last link that was checked; undefined to begin again. */
  #last: { readonly expires_at: Date; readonly id: string } | undefined

  async forget(db: Db, now: Date): Promise<void> {
    const links = await db
      .selectFrom('upload_links')
      .select(['id', 'expires_at'])
      .where('expires_at', '<', sql<Date>`${now}::timestamptz - ${KEPT_DAYS} * interval '1 day'`)
      .$if(this.#last !== undefined, query =>
        query.where(sql<boolean>`(expires_at, id) > (${this.#last!.expires_at}, ${this.#last!.id}::uuid)`),
      )
      .orderBy('expires_at')
      .orderBy('id')
      .limit(CHECKED_LINKS)
      .execute()
    this.#last = links.length < CHECKED_LINKS ? undefined : links.at(-1)
    if (links.length === 0) return
    const ids = links.map(({ id }) => id)
    await db
      .deleteFrom('upload_links')
      .where('id', 'in', ids)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('uploads').select('id').whereRef('uploads.id', '=', 'upload_links.upload_id'))),
      )
      .execute()
  }
}

export async function findUploadLink(db: Db, token: string): Promise<UploadLink | undefined> {
  if (!TOKEN_FORM.test(token)) return undefined
  return db.selectFrom('upload_links').selectAll().where('hash', '=', hashOf(token)).executeTakeFirst()
}

/**
 * Uses a link for an upload, in the transaction that creates the upload. If several requests use the link at once, one of them succeeds.
 * @returns the upload that the link created before, if it has no bytes yet: the response to its creation may have been lost.
 * @throws ApiError 403 if the link has been used or has expired.
 */
export async function useUploadLink(trx: Db, id: string, uploadId: string): Promise<string | undefined> {
  const { numUpdatedRows } = await trx
    .updateTable('upload_links')
    .set({ upload_id: uploadId })
    .where('id', '=', id)
    .where('upload_id', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return undefined
  const empty = await trx
    .selectFrom('upload_links')
    .innerJoin('uploads', 'uploads.id', 'upload_links.upload_id')
    .select('uploads.id')
    .where('upload_links.id', '=', id)
    .where('uploads.offset', '=', 0)
    .where('uploads.finished_at', 'is', null)
    .executeTakeFirst()
  if (!empty) throw usedLink()
  return empty.id
}

export function usedLink(): ApiError {
  return new ApiError(403, 'link_used', 'The link has been used or has expired. Ask for a new link.')
}

function hashOf(token: string): string {
  return sha256Hex(token)
}
