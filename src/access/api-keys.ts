import { createHash, randomBytes } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import type { ApiKeysTable, Db, Scope } from '../database/schema.ts'
import type { Access } from './access.ts'

export type ApiKey = Omit<Selectable<ApiKeysTable>, 'hash'>

const PREFIX = 'longtake_'
const SECRET_BYTES = 32
const KEY_FORM = new RegExp(`^${PREFIX}[\\w-]{43}$`)
const COLUMNS = ['id', 'owner', 'scopes', 'name', 'created_at', 'revoked_at'] as const

/** @returns the key itself, which is kept nowhere, and what is kept of it. */
export async function createKey(
  db: Db,
  { owner, scopes, name = '' }: { owner: string; scopes: readonly Scope[]; name?: string },
): Promise<{ secret: string; key: ApiKey }> {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
  const key = await db
    .insertInto('api_keys')
    .values({ id: uuid(), hash: hashOf(secret), owner, scopes: [...scopes], name })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
  return { secret, key }
}

/** All keys, the oldest first. */
export async function listKeys(db: Db): Promise<ApiKey[]> {
  return db.selectFrom('api_keys').select(COLUMNS).orderBy('created_at').orderBy('id').execute()
}

/** Ends a key, from the next request on. @returns false where there is none of this id. */
export async function revokeKey(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * What a key lets its bearer do; undefined for what is no key, or is one no longer. The key has 256 random bits: a plain hash keeps it, and
 * the time that the look-up takes tells nothing.
 */
export async function accessByKey(db: Db, secret: string): Promise<Access | undefined> {
  if (!KEY_FORM.test(secret)) return undefined
  const key = await db
    .selectFrom('api_keys')
    .select(['id', 'owner', 'scopes'])
    .where('hash', '=', hashOf(secret))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (!key) return undefined
  const { owner, scopes } = key
  return { owner, scopes, all: scopes.includes('admin'), credential: `key ${key.id}` }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
