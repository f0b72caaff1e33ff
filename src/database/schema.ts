import type { Kysely, Transaction } from 'kysely'
import type { AccessTables } from './tables/access.ts'
import type { IdempotencyTables } from './tables/idempotency.ts'
import type { ImportTables } from './tables/importing.ts'
import type { MessagingTables } from './tables/messaging.ts'
import type { ObjectTables } from './tables/objects.ts'
import type { RecordingTables } from './tables/recordings.ts'
import type { SearchTables } from './tables/search.ts'
import type { StepTables } from './tables/steps.ts'
import type { TranscriptTables } from './tables/transcripts.ts'
import type { UploadTables } from './tables/uploads.ts'
import type { VideoTables } from './tables/videos.ts'
import type { WebhookTables } from './tables/webhooks.ts'

/** A connection, or the transaction that is open on it. Repository functions take it first and use nothing else. */
export type Db = Kysely<Schema> | Transaction<Schema>

/** All tables. Each room describes its own in `tables/`. */
export interface Schema
  extends UploadTables,
    RecordingTables,
    VideoTables,
    StepTables,
    TranscriptTables,
    SearchTables,
    ObjectTables,
    MessagingTables,
    WebhookTables,
    AccessTables,
    IdempotencyTables,
    ImportTables {}
