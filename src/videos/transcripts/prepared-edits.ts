import { ApiError } from '../../base/errors.ts'
import type { Db } from '../../database/schema.ts'
import type { TranscriptSegment } from '../../database/tables/transcripts.ts'
import { lengthOf, offThread } from './off-thread.ts'
import { currentTranscript, type Transcript } from './transcripts.ts'

/** The segments of an edit, computed from one revision. */
export interface PreparedEdit {
  /** Undefined if there was no transcript. */
  readonly basedOn: number | undefined
  readonly segments: readonly TranscriptSegment[]
}

/** Divides a new text into the segments of the current transcript. @throws ApiError 422 and 429 as `offThread` */
export async function prepareText(db: Db, videoId: string, text: string): Promise<PreparedEdit> {
  const before = await currentTranscript(db, videoId)
  const known = before?.segments ?? []
  if (known.length === 0) {
    const duration = await db
      .selectFrom('videos')
      .select('duration')
      .where('id', '=', videoId)
      .executeTakeFirst()
    const whole = { start: 0, end: duration?.duration ?? 0, text: text.trim() }
    return { basedOn: before?.revision, segments: whole.text === '' ? [] : [whole] }
  }
  const owner = await ownerOf(db, videoId)
  const segments = await offThread(owner, text.length + lengthOf(known), 'retime', known, text)
  return { basedOn: before?.revision, segments }
}

/** Adds the known word times to edited segments. @throws ApiError 422 and 429 as `offThread` */
export async function prepareSegments(
  db: Db,
  videoId: string,
  edited: readonly TranscriptSegment[],
): Promise<PreparedEdit> {
  const before = await currentTranscript(db, videoId)
  const known = before?.segments ?? []
  const owner = await ownerOf(db, videoId)
  const length = lengthOf(edited) + lengthOf(known)
  const segments = await offThread(owner, length, 'withKnownWords', edited, known)
  return { basedOn: before?.revision, segments }
}

async function ownerOf(db: Db, videoId: string): Promise<string | null> {
  const video = await db.selectFrom('videos').select('owner').where('id', '=', videoId).executeTakeFirst()
  return video?.owner ?? null
}

class OutdatedEdit extends Error {}

/** Call it in the transaction that writes the edit. @throws OutdatedEdit; `untilCurrent` catches it and prepares the edit again. */
export function requireCurrent({ basedOn }: PreparedEdit, current: Transcript | undefined): void {
  if (current?.revision !== basedOn) throw new OutdatedEdit()
}

/** An edit is prepared again each time that another request has changed the transcript. */
const MAX_REPEATS = 50

/**
 * Prepares an edit and writes it. The preparation can take seconds, so it runs outside the transaction, and it is repeated if another edit
 * was written in the meantime. @throws ApiError 409 after too many repeats.
 */
export async function untilCurrent<T>(
  prepare: () => Promise<PreparedEdit>,
  write: (edit: PreparedEdit) => Promise<T>,
): Promise<T> {
  for (let times = 0; times < MAX_REPEATS; times++) {
    const edit = await prepare()
    try {
      return await write(edit)
    } catch (error) {
      if (!(error instanceof OutdatedEdit)) throw error
    }
  }
  throw new ApiError(
    409,
    'transcript_busy',
    'Other requests are changing the transcript too often. Try again later.',
  )
}
