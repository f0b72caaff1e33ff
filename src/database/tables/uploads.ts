import type { ColumnType, JSONColumnType } from 'kysely'
import type { Defaulted, Time } from './columns.ts'

export interface UploadTables {
  /** A view of `all_uploads` that leaves out the uploads of videos in the bin. */
  uploads: UploadsTable
  all_uploads: AllUploadsTable
  reservations: ReservationsTable
  upload_links: UploadLinksTable
  concatenations_due: ConcatenationsDueTable
}

/** The state of an upload. `storage_state` and `offset` together say where its bytes are. */
export interface UploadsTable {
  id: string
  /** Total size in bytes; null until the client declares it (tus 1.0.0, creation-defer-length). */
  length: number | null
  /** Number of durable bytes. */
  offset: Defaulted<number>
  metadata: JSONColumnType<Record<string, string | null>>
  request_id: string | null
  created_at: Time
  /** An unfinished upload may be removed after this time. Every received byte postpones it. */
  expires_at: Date
  finished_at: Date | null
  /** Whether this upload is a part of other uploads or consists of other uploads (tus 1.0.0, Concatenation). */
  concat: 'partial' | 'final' | null
  /** URLs of the partial uploads that make up a final one, in order. */
  parts: JSONColumnType<string[]> | null
  /** Whether it was created with the IETF draft. Requests of the draft's last version do not name their protocol. */
  draft: Defaulted<boolean>
  /** Owner of the upload and of its video; null if only admins may see it. */
  owner: string | null
  /** Size limit in bytes, if it is lower than the server's. */
  max_size: number | null
  /** Whether this part belongs to a video, or is about to. The video's size then includes its bytes. */
  joined: Defaulted<boolean>
  /** Whether the bytes of this part were removed because a video contains them. */
  cleared: Defaulted<boolean>
  /** Offsets from responses at which clients may continue, oldest first. None exceeds `offset`. */
  promised: JSONColumnType<number[], string | undefined>
  /** Increases whenever another process acquires the upload. The update of `offset` names it. */
  generation: Defaulted<number>
  /** The process that holds the upload, while it runs; null if none has written since the last one released it. */
  lock_holder: Defaulted<string | null>
  /** The origin of an imported upload and its id there, such as `video:17`. */
  old_id: string | null
  /** Location of the bytes; private to the implementation of `UploadBytes`. */
  storage_state: ColumnType<unknown, string | null | undefined, string | null>
  /** Key of the finished object. Null while the upload is not finished, and in rows that were finished before this column existed. */
  object_key: string | null
}

/** Every upload, those of videos in the bin too. */
export interface AllUploadsTable extends UploadsTable {
  /** Whether its video is in the bin. */
  binned: Defaulted<boolean>
}

/** A part of an owner's quota, held for bytes that are being received. */
export interface ReservationsTable {
  id: string
  owner: string
  /** The upload whose total size may reach `bytes`. Null for a chunk: its bytes are added to those of the upload. */
  upload_id: string | null
  bytes: number
  /** Whether the request does not declare its size. */
  is_open: boolean
  /** The reservation ends at this time unless its holder renews it. */
  held_until: Date
}

/** A final upload whose parts may all be complete. */
export interface ConcatenationsDueTable {
  id: string
}

/** A link that creates one upload without an API key. */
export interface UploadLinksTable {
  id: string
  /** SHA-256 of its token, in lower-case hex. */
  hash: string
  /** Owner of the upload that the link creates. */
  owner: string | null
  /** Bytes. */
  max_size: number
  /** The link creates no upload after this time. */
  expires_at: Date
  /** The upload that the link created. */
  upload_id: string | null
  created_at: Time
}
