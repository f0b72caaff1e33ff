import type { JSONColumnType } from 'kysely'
import type { Defaulted, Time } from './columns.ts'

export interface IdempotencyTables {
  idempotent_requests: IdempotentRequestsTable
}

/** A request with an Idempotency-Key, and its response once there is one. */
export interface IdempotentRequestsTable {
  key: string
  /** Hash of the request; null until the request was read. */
  fingerprint: string | null
  /** Identifies the process that executes the request. */
  token: string
  /** The process counts as dead after this time. */
  lease_until: Date
  status: number | null
  headers: JSONColumnType<Record<string, string>> | null
  body: string | null
  /** The owner who sent the request; null without sign-in. */
  owner: Defaulted<string | null>
  created_at: Time
}
