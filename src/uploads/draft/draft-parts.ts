import type { Logger } from 'pino'
import type { Storage } from '../../storage/storage.ts'
import type { UploadLocks } from '../upload-locks.ts'
import type { UploadStore } from '../upload-store.ts'

export interface DraftParts {
  readonly store: UploadStore
  readonly locks: UploadLocks
  readonly storage: Storage
  readonly log: Logger
  /** Bytes. */
  readonly maxSize: number
  readonly publicUrl: string | undefined
  readonly isAllowedOrigin: (origin: string) => boolean
  /** Whether clients get 104 (Upload Resumption Supported), which some proxies break on. */
  readonly informational: boolean
}
