import type { Kysely } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import type { Reserve } from '../../storage/reserve.ts'
import type { Storage } from '../../storage/storage.ts'
import type { UploadLocks } from '../upload-locks.ts'
import type { UploadStore } from '../upload-store.ts'

export interface RecordingsParts {
  readonly db: Kysely<Schema>
  readonly storage: Storage
  readonly reserve: Reserve
  readonly store: UploadStore
  readonly locks: UploadLocks
  /** Bytes of a whole recording. */
  readonly maxSize: number
}
