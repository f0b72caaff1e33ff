import type { Defaulted, Time } from './columns.ts'

export interface AccessTables {
  api_keys: ApiKeysTable
  secrets: SecretsTable
  sessions: SessionsTable
  share_links: ShareLinksTable
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

/** A link that lets guests without an account watch one video. */
export interface ShareLinksTable {
  id: string
  /** SHA-256 of the token in the link, in lower-case hex. */
  hash: string
  video_id: string
  /** Description of its purpose, for people. */
  name: string
  /** Salt and scrypt hash, in base64url with a full stop between them. Null if guests need no password. */
  password: string | null
  /** Owner of the key or session that created the link; null without sign-in. */
  created_by: string | null
  created_at: Time
  expires_at: Date | null
  revoked_at: Date | null
  /** Number of times that the page was opened. */
  opened_count: Defaulted<number>
  last_opened_at: Date | null
  /** Passwords that were tried in the window that ends at `attempts_until`. */
  attempts: Defaulted<number>
  attempts_until: Date | null
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
