import { type QueryCreator, sql } from 'kysely'
import { prepared } from '../../database/prepared.ts'
import type { Db, Schema } from '../../database/schema.ts'
import { type Labels, labelsOf, withNewVideo } from '../../videos/catalogue/new-video.ts'
import type { UploadProtocol, UploadRow } from './upload-rows.ts'

export interface NewUpload {
  readonly id: string
  /** Bytes; null if the client declares them later. */
  readonly length: number | null
  readonly metadata: Record<string, string | null>
  readonly requestId: string | null
  readonly concat?: 'partial' | 'final' | undefined
  readonly parts?: readonly string[] | undefined
  /** The protocol of the request that creates it; tus by default. */
  readonly protocol?: UploadProtocol | undefined
  /** Null or absent if it has no owner: then only admins may see it. */
  readonly owner?: string | null
  /** The process that creates it; set if several processes share the uploads. */
  readonly holder?: string | undefined
  /** Size limit in bytes, if it is lower than the server's. */
  readonly maxSize?: number | undefined
}

/**
 * Inserts an upload and its video in one statement. A part of another upload gets no video.
 * @param expiry an unfinished upload may be removed this many seconds after its last byte.
 */
export async function insertUpload(db: Db, upload: NewUpload, expiry: number): Promise<UploadRow> {
  const { id, length, requestId, concat = null, parts, protocol = 'tus', owner = null } = upload
  const values = {
    id,
    length,
    metadata: JSON.stringify(upload.metadata),
    request_id: requestId,
    concat,
    parts: parts ? JSON.stringify(parts) : null,
    draft: protocol === 'ietf',
    owner,
    lock_holder: upload.holder ?? null,
    max_size: upload.maxSize ?? null,
    expiry,
  }
  const rows =
    concat === 'partial'
      ? await insertPart(db, values)
      : await insertWithVideo(db, { ...values, ...labelsOf(upload.metadata) })
  return rows[0]!
}

type Creator = Pick<QueryCreator<Schema>, 'insertInto'>
type ValueOf<Values> = <Key extends keyof Values>(key: Key) => Values[Key]

interface PartValues {
  readonly id: string
  readonly length: number | null
  readonly metadata: string
  readonly request_id: string | null
  readonly concat: 'partial' | 'final' | null
  readonly parts: string | null
  readonly draft: boolean
  readonly owner: string | null
  readonly lock_holder: string | null
  readonly max_size: number | null
  /** Seconds. */
  readonly expiry: number
}

const insertPart = prepared<PartValues, UploadRow>('insert-part', (db, value) => insertInto(db, value))

const insertWithVideo = prepared<PartValues & Labels, UploadRow>('insert-upload', (db, value) => {
  const labels = {
    title: value('title'),
    description: value('description'),
    language: value('language'),
    filename: value('filename'),
    tags: value('tags'),
  }
  const video = { id: value('id'), labels, owner: value('owner'), request_id: value('request_id') }
  return insertInto(withNewVideo(db, video), value)
})

function insertInto(db: Creator, value: ValueOf<PartValues>) {
  return db
    .insertInto('uploads')
    .values({
      id: value('id'),
      length: value('length'),
      metadata: value('metadata'),
      request_id: value('request_id'),
      concat: value('concat'),
      parts: value('parts'),
      draft: value('draft'),
      owner: value('owner'),
      lock_holder: value('lock_holder'),
      max_size: value('max_size'),
      expires_at: sql<Date>`now() + ${value('expiry')} * interval '1 second'`,
    })
    .returning(COLUMNS)
}

/** All columns of an upload. */
const COLUMNS = [
  'id',
  'length',
  'offset',
  'metadata',
  'request_id',
  'created_at',
  'expires_at',
  'finished_at',
  'concat',
  'parts',
  'draft',
  'owner',
  'max_size',
  'joined',
  'cleared',
  'promised',
  'generation',
  'lock_holder',
  'old_id',
  'storage_state',
  'object_key',
] as const satisfies readonly (keyof UploadRow)[]
