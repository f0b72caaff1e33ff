import type { Time } from './columns.ts'

export interface AccessTables {
  api_keys: ApiKeysTable
  secrets: SecretsTable
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

/** Random values that are shared by all processes and survive restarts. */
export interface SecretsTable {
  name: string
  value: string
}
