import { MAX_OWNER_LENGTH } from '../base/limits.ts'
import type { Scope } from '../database/schema.ts'
import type { Viewer } from '../videos/catalogue/viewer.ts'

/** What a credential lets somebody do. What is made by it belongs to its owner: to nobody where nobody is asked who they are. */
export interface Access extends Viewer {
  readonly scopes: readonly Scope[]
  /** What its requests are counted under; undefined where they are not told apart. */
  readonly credential: string | undefined
  /** When it ends, in milliseconds since 1970; undefined if that is not known. */
  readonly endsAt?: number
}

/** Where nobody is asked who they are. */
export const EVERYTHING: Access = {
  owner: null,
  all: true,
  scopes: ['read', 'write', 'admin'],
  credential: undefined,
}

/** Where nobody has said who they are. */
export const NOTHING: Access = { owner: null, all: false, scopes: [], credential: undefined }

/** An admin may do everything. */
export function may({ scopes }: Access, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin')
}

/** Whether a text can name an owner: a subject as of OpenID Connect §2, without control characters. */
export function isOwner(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_OWNER_LENGTH && /^[^\p{Cc}\p{Cs}]+$/u.test(value)
}
