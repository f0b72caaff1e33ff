import type { Kysely } from 'kysely'
import type { Signal } from '../base/signal.ts'
import type { Schema } from '../database/schema.ts'
import type { ObjectStorage } from '../objects/object-storage.ts'
import type { UploadBytes } from '../uploads/bytes/upload-bytes.ts'

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

/** A fault. The passes compare findings by `kind` and `subject`. */
export interface Finding {
  readonly kind: FindingKind
  /** A storage key, or the id of a row. */
  readonly subject: string
  /** Describes the fault and how to repair it. */
  readonly message: string
  /** Repairs the fault without losing data; undefined if only a person can. @returns a description of the repair. */
  readonly repair?: () => Promise<string>
}

/** The installation that is checked. */
export interface Installation {
  readonly db: Kysely<Schema>
  /** The signal of the service, if this is its process. */
  readonly signal?: Signal
  readonly dataDir: string
  /** The location of the objects in messages: `dataDir` or a bucket. */
  readonly place: string
  readonly storage: Pick<ObjectStorage, 'size' | 'read' | 'list'>
  readonly bytes: Pick<UploadBytes, 'size' | 'keys'>
}

export type Check = (installation: Installation) => AsyncIterable<Finding>
