import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { type Selectable, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import { sha256Hex } from '../base/hash.ts'
import type { Db } from '../database/schema.ts'
import type { ShareLinksTable } from '../database/tables/access.ts'

const TOKEN_BYTES = 24
const TOKEN_FORM = /^[\w-]{32}$/
const SALT_BYTES = 16
const KEY_BYTES = 32
/** About 50 ms and 32 MiB (RFC 7914 §2). */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 }
/** Passwords that may be tried for one link in one window. */
const MAX_ATTEMPTS = 10
const WINDOW_S = 60

export type ShareLink = Omit<Selectable<ShareLinksTable>, 'hash' | 'attempts' | 'attempts_until'>

const COLUMNS = [
  'id',
  'video_id',
  'name',
  'password',
  'created_by',
  'created_at',
  'expires_at',
  'revoked_at',
  'opened_count',
  'last_opened_at',
] as const

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

export interface NewShareLink {
  readonly videoId: string
  /** Owner of the key or session that creates the link; null without sign-in. */
  readonly createdBy: string | null
  /** A note on its purpose, for people. */
  readonly name: string
  readonly password: string | undefined
  readonly expiresAt: Date | undefined
}

/** Creates a link. @returns the token, which is not stored and cannot be shown again, and the stored row. */
export async function createShareLink(
  db: Db,
  { videoId, createdBy, name, password, expiresAt }: NewShareLink,
): Promise<{ token: string; link: ShareLink }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const link = await db
    .insertInto('share_links')
    .values({
      id: uuid(),
      hash: sha256Hex(token),
      video_id: videoId,
      name,
      password: password === undefined ? null : await hashPassword(password),
      created_by: createdBy,
      expires_at: expiresAt ?? null,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
  return { token, link }
}

/** The links of a video that are not revoked, the newest first. */
export async function listShareLinks(db: Db, videoId: string): Promise<ShareLink[]> {
  return db
    .selectFrom('share_links')
    .select(COLUMNS)
    .where('video_id', '=', videoId)
    .where('revoked_at', 'is', null)
    .orderBy('id', 'desc')
    .execute()
}

/** The video of a link; undefined if there is no such link. */
export async function videoOfShareLink(db: Db, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('share_links').select('video_id').where('id', '=', id).executeTakeFirst()
  return row?.video_id
}

/** Revokes a link; the next request with it is refused. */
export async function revokeShareLink(db: Db, id: string): Promise<void> {
  await db
    .updateTable('share_links')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .execute()
}

/** The link of a token; undefined if it is unknown, expired or revoked. A token has 192 random bits, so an unsalted hash is enough. */
export async function findShareLink(db: Db, token: string): Promise<ShareLink | undefined> {
  if (!TOKEN_FORM.test(token)) return undefined
  const link = await db
    .selectFrom('share_links')
    .select(COLUMNS)
    .where('hash', '=', sha256Hex(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  const isOver = link?.expires_at && link.expires_at.getTime() <= Date.now()
  return isOver ? undefined : link
}

/** Counts that somebody has opened the page of a link. */
export async function countOpening(db: Db, id: string): Promise<void> {
  await db
    .updateTable('share_links')
    .set(row => ({ opened_count: row('opened_count', '+', 1), last_opened_at: sql<Date>`now()` }))
    .where('id', '=', id)
    .execute()
}

/**
 * Counts an attempt to enter the password of a link, in all processes together.
 * @returns seconds to wait if there were too many attempts; undefined if this one is allowed.
 */
export async function countAttempt(db: Db, id: string): Promise<number | undefined> {
  const isOver = sql`attempts_until is null or attempts_until <= now()`
  const { attempts, wait } = await db
    .updateTable('share_links')
    .set({
      attempts: sql<number>`case when ${isOver} then 1 else attempts + 1 end`,
      attempts_until: sql<Date>`case when ${isOver} then now() + ${WINDOW_S} * interval '1 second' else attempts_until end`,
    })
    .where('id', '=', id)
    .returning(['attempts', sql<number>`ceil(extract(epoch from attempts_until - now()))::int`.as('wait')])
    .executeTakeFirstOrThrow()
  return attempts > MAX_ATTEMPTS ? Math.max(1, wait) : undefined
}

/** Whether a password is that of a link. Takes constant time. @param stored from `hashPassword`. */
export async function isPassword(stored: string, password: string): Promise<boolean> {
  const [salt, key] = stored.split('.').map(part => Buffer.from(part, 'base64url')) as [Buffer, Buffer]
  return timingSafeEqual(await derive(normalized(password), salt, KEY_BYTES, SCRYPT), key)
}

async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const key = await derive(normalized(password), salt, KEY_BYTES, SCRYPT)
  return `${salt.toString('base64url')}.${key.toString('base64url')}`
}

/** Keyboards produce the same letter in different forms (RFC 8265 §4.2). */
function normalized(password: string): string {
  return password.normalize('NFC')
}
