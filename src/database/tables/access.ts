import type { Time } from './columns.ts'

export interface AccessTables {
  api_keys: ApiKeysTable
  secrets: SecretsTable
  sessions: SessionsTable
  request_counts: RequestCountsTable
  share_counts: ShareCountsTable
}

export const SCOPES = ['read', 'write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export interface ApiKeysTable {
  id: string
  /** SHA-256 of the key, in lower-case hex. */
  hash: string
  owner: string
  scopes: Scope[]
  /** Description of its purpose, for people. */
  name: string
  created_at: Time
  revoked_at: Date | null
}

/** A person who has signed in with a key or token, in one browser. */
export interface SessionsTable {
  /** SHA-256 of the cookie, in lower-case hex. */
  hash: string
  /** The key of the sign-in; its revocation ends the session. Null for a token. */
  key_id: string | null
  owner: string
  scopes: Scope[]
  /** `Access.credential` of the key or token. */
  credential: string
  created_at: Time
  expires_at: Date
}

/** Random values that are shared by all processes and survive restarts. */
export interface SecretsTable {
  name: string
  value: string
}

/** Requests of one credential or address in one window of the rate limit. */
export interface RequestCountsTable {
  /** SHA-256 of the credential or address, in lower-case hex. */
  key: string
  requests: number
  /** End of the window. The next request after it begins a new one. */
  ends_at: Date
}

/** How much of a share one owner uses in one process. */
export interface ShareCountsTable {
  /** SHA-256 of the share and the owner, in lower-case hex. */
  key: string
  process: string
  taken: number
  /** The row counts until this time, because its process may have died. */
  held_until: Date
}
