import { randomBytes } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import { v7 as uuid } from 'uuid'
import { sha256Hex } from '../base/hash.ts'
import type { Db } from '../database/schema.ts'
import type { ApiKeysTable, Scope } from '../database/tables/access.ts'
import type { Access } from './access.ts'

export type ApiKey = Omit<Selectable<ApiKeysTable>, 'hash'>

const PREFIX = 'longtake_'
const SECRET_BYTES = 32
const KEY_FORM = new RegExp(`^${PREFIX}[\\w-]{43}$`)
const COLUMNS = ['id', 'owner', 'scopes', 'name', 'created_at', 'revoked_at'] as const

/** Creates a key. @returns the secret, which is not stored and cannot be shown again, and the stored row. */
export async function createKey(
  db: Db,
  { owner, scopes, name = '' }: { owner: string; scopes: readonly Scope[]; name?: string },
): Promise<{ secret: string; key: ApiKey }> {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
  const key = await db
    .insertInto('api_keys')
    .values({ id: uuid(), hash: sha256Hex(secret), owner, scopes: [...scopes], name })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
  return { secret, key }
}

/** All keys, oldest first. */
export async function listKeys(db: Db): Promise<ApiKey[]> {
  return db.selectFrom('api_keys').select(COLUMNS).orderBy('created_at').orderBy('id').execute()
}

/** Revokes a key; the next request with it is refused. @returns false if there is no key with this id. */
export async function revokeKey(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * The permissions of a key; undefined if the key is unknown or revoked. A key has 256 random bits, so an unsalted hash is enough, and the
 * duration of the lookup reveals nothing useful.
 */
export async function accessByKey(db: Db, secret: string): Promise<Access | undefined> {
  if (!KEY_FORM.test(secret)) return undefined
  const key = await db
    .selectFrom('api_keys')
    .select(['id', 'owner', 'scopes'])
    .where('hash', '=', sha256Hex(secret))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (!key) return undefined
  const { owner, scopes } = key
  return { owner, scopes, all: scopes.includes('admin'), credential: `key ${key.id}`, keyId: key.id }
}
