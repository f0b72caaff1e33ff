import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'

/**
 * Finds the saved result of a speech-to-text request among the videos of the same owner, so that the same audio is not transcribed twice.
 * Results of other owners are not used: the usage figures or the response time would reveal that another owner has the same audio. A result
 * from another video is copied to this one, so that it remains when that video is deleted.
 */
export async function findChunkResult(
  db: Db,
  videoId: string,
  fingerprint: string,
): Promise<{ result: object; own: boolean } | undefined> {
  const row = await db
    .selectFrom('transcript_chunks')
    .innerJoin('videos', 'videos.id', 'transcript_chunks.video_id')
    .select(['video_id', 'result'])
    .where('fingerprint', '=', fingerprint)
    .where('videos.owner', 'is not distinct from', eb =>
      eb.selectFrom('videos as this').select('this.owner').where('this.id', '=', videoId),
    )
    .orderBy(sql`video_id = ${videoId}`, 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const own = row.video_id === videoId
  if (!own) await saveChunkResult(db, videoId, fingerprint, row.result)
  return { result: row.result, own }
}

/** Saves the result of a speech-to-text request. Does nothing if the video has been deleted. */
export async function saveChunkResult(
  db: Db,
  videoId: string,
  fingerprint: string,
  result: object,
): Promise<void> {
  await db
    .insertInto('transcript_chunks')
    .columns(['video_id', 'fingerprint', 'result'])
    .expression(
      db
        .selectFrom('videos')
        .select([
          'id',
          sql<string>`${fingerprint}::text`.as('fingerprint'),
          sql<string>`${JSON.stringify(result)}::jsonb`.as('result'),
        ])
        .where('id', '=', videoId),
    )
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/** Maximum number of saved results per video: a day of chunks of about 20 s. */
const MAX_KEPT_CHUNKS = 5000

/** Removes the oldest results of a video that has too many, for example after many changes of the model or the language. */
export async function dropOldestChunks(db: Db, videoId: string): Promise<void> {
  await db
    .deleteFrom('transcript_chunks')
    .where('video_id', '=', videoId)
    .where('fingerprint', 'in', eb =>
      eb
        .selectFrom('transcript_chunks')
        .select('fingerprint')
        .where('video_id', '=', videoId)
        .orderBy('created_at', 'desc')
        .orderBy('fingerprint')
        .offset(MAX_KEPT_CHUNKS),
    )
    .execute()
}

/** Number of requests, seconds of audio in them, and seconds whose results were reused. */
export interface SpeechUse {
  readonly requests: number
  readonly seconds_sent: number
  readonly seconds_reused: number
}

/** Adds to the totals of a video and of a model. */
export async function countSpeech(db: Db, videoId: string, model: string, use: SpeechUse): Promise<void> {
  if (use.seconds_sent > 0) {
    await db
      .updateTable('videos')
      .set({ speech_seconds_sent: sql<number>`speech_seconds_sent + ${use.seconds_sent}::float8` })
      .where('id', '=', videoId)
      .execute()
  }
  await db
    .insertInto('speech_usage')
    .values({ model, ...use })
    .onConflict(conflict =>
      conflict.column('model').doUpdateSet({
        requests: sql<number>`speech_usage.requests + excluded.requests`,
        seconds_sent: sql<number>`speech_usage.seconds_sent + excluded.seconds_sent`,
        seconds_reused: sql<number>`speech_usage.seconds_reused + excluded.seconds_reused`,
      }),
    )
    .execute()
}
