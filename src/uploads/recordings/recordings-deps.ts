import type { Kysely } from 'kysely'
import type { Schema } from '../../database/schema.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import type { Reserve } from '../../objects/reserve.ts'
import type { UploadBytes } from '../bytes/upload-bytes.ts'
import type { UploadStore } from '../core/upload-store.ts'
import type { UploadLocks } from '../locks/upload-locks.ts'

export interface RecordingsDeps {
  readonly db: Kysely<Schema>
  readonly storage: ObjectStorage
  readonly bytes: UploadBytes
  readonly reserve: Reserve
  readonly store: UploadStore
  readonly locks: UploadLocks
  /** Maximum size of a recording in bytes. */
  readonly maxSize: number
}
