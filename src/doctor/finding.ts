import type { Kysely } from 'kysely'
import type { Signal } from '../base/signal.ts'
import type { Schema } from '../database/schema.ts'

export type FindingKind =
  | 'source_missing'
  | 'source_differs'
  | 'upload_bytes_missing'
  | 'upload_not_finished'
  | 'upload_without_video'
  | 'artifact_missing'
  | 'artifact_differs'
  | 'chunk_missing'
  | 'unknown_file'
  | 'abandoned_directory'
  | 'lease_expired'
  | 'event_waiting'
  | 'removal_waiting'
  | 'search_row_missing'
  | 'source_is_back'

/** One thing that is not as it should be. Two looks compare findings by `kind` and `subject`. */
export interface Finding {
  readonly kind: FindingKind
  /** A storage key, or the id of a row. */
  readonly subject: string
  /** What is wrong and what to do, for a person. */
  readonly message: string
  /** Sets it right without losing data; undefined when only a person can. @returns what was done. */
  readonly repair?: () => Promise<string>
}

/** What the checks look at. */
export interface Patient {
  readonly db: Kysely<Schema>
  /** Of the service, if this is its process. */
  readonly signal?: Signal
  /** Where the files of the storage are. */
  readonly dataDir: string
  readonly storage: {
    size(key: string): Promise<number | undefined>
    list(prefix: string): Promise<string[]>
  }
}

export type Check = (patient: Patient) => AsyncIterable<Finding>
