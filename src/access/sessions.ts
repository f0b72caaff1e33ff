import { randomBytes } from 'node:crypto'
import { sha256Hex } from '../base/hash.ts'
import type { Db } from '../database/schema.ts'
import type { Access } from './access.ts'

/** Lifetime of a session. A session ends earlier if its token expires earlier. */
const LIFETIME_MS = 30 * 86_400_000
const SECRET_BYTES = 32

export interface Session {
  /** The value of the cookie. It is not stored. */
  readonly secret: string
  readonly expiresAt: Date
}

/** Creates a session with the permissions of a key or token, and removes expired sessions. */
export async function createSession(
  db: Db,
  { owner, scopes, credential, keyId, endsAt = Number.POSITIVE_INFINITY }: Access,
): Promise<Session> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  await db.deleteFrom('sessions').where('expires_at', '<', new Date()).execute()
  const expiresAt = new Date(Math.min(Date.now() + LIFETIME_MS, endsAt))
  await db
    .insertInto('sessions')
    .values({
      hash: sha256Hex(secret),
      key_id: keyId ?? null,
      owner: owner!,
      scopes: [...scopes],
      credential: credential!,
      expires_at: expiresAt,
    })
    .execute()
  return { secret, expiresAt }
}

/** The permissions of a session; undefined if it is unknown or expired, or if its key was revoked. */
export async function accessBySession(db: Db, secret: string): Promise<Access | undefined> {
  const session = await db
    .selectFrom('sessions')
    .leftJoin('api_keys', 'api_keys.id', 'sessions.key_id')
    .select(['sessions.owner', 'sessions.scopes', 'credential', 'key_id', 'expires_at'])
    .where('sessions.hash', '=', sha256Hex(secret))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (!session || session.expires_at.getTime() <= Date.now()) return undefined
  const { owner, scopes, credential, key_id, expires_at } = session
  return {
    owner,
    scopes,
    all: scopes.includes('admin'),
    credential,
    endsAt: expires_at.getTime(),
    ...(key_id && { keyId: key_id }),
  }
}

/** Ends a session, if it exists. */
export async function endSession(db: Db, secret: string): Promise<void> {
  await db.deleteFrom('sessions').where('hash', '=', sha256Hex(secret)).execute()
}
