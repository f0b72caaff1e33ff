import { MAX_OWNER_LENGTH } from '../base/limits.ts'
import { SCOPES, type Scope } from '../database/tables/access.ts'
import type { Viewer } from '../videos/catalogue/viewer.ts'

/** The permissions of a request. `owner` is null when authentication is off; everything created then is unowned. */
export interface Access extends Viewer {
  readonly scopes: readonly Scope[]
  /** Key of the rate limit; undefined for a request without a credential. */
  readonly credential: string | undefined
  /** Time at which the credential expires, in milliseconds since 1970; undefined if it does not expire. */
  readonly endsAt?: number
  /** The id of the API key, if the credential is one. */
  readonly keyId?: string
}

/** Permissions when authentication is off. */
export const EVERYTHING: Access = {
  owner: null,
  all: true,
  scopes: ['read', 'write', 'admin'],
  credential: undefined,
}

/** Permissions of a request without credentials when authentication is on. */
export const NOTHING: Access = { owner: null, all: false, scopes: [], credential: undefined }

/** Whether the permissions include a scope. `admin` includes all others. */
export function hasScope({ scopes }: Access, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin')
}

/**
 * The scopes in a claim of a token: a list, or a string with spaces. Unknown names are ignored. Without the claim, the subject may read and
 * write.
 */
export function scopesOf(claim: unknown): readonly Scope[] {
  if (claim === undefined) return ['read', 'write']
  const names = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return SCOPES.filter(known => names.includes(known))
}

/** Whether a value is a valid owner name: a subject identifier (OpenID Connect Core §2) without control characters. */
export function isOwner(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_OWNER_LENGTH && /^[^\p{Cc}\p{Cs}]+$/u.test(value)
}
