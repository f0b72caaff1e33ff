import { sql } from 'kysely'
import type { Db } from '../../database/schema.ts'

/**
 * The kept answer to one request to the speech-to-text service, for any video of the same owner: the same audio is not paid for twice.
 * Answers for other owners' videos stay theirs: to reuse one, by the numbers or by the time that it takes, would tell that somebody else has the
 * same audio. An answer for another video becomes this one's too, and stays when that one is deleted.
 */
export async function findPiece(
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
      eb.selectFrom('videos as asking').select('asking.owner').where('asking.id', '=', videoId),
    )
    .orderBy(sql`video_id = ${videoId}`, 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const own = row.video_id === videoId
  if (!own) await keepPiece(db, videoId, fingerprint, row.result)
  return { result: row.result, own }
}

/** Keeps an answer of the speech-to-text service; does nothing where the video is gone by now. */
export async function keepPiece(db: Db, videoId: string, fingerprint: string, result: object): Promise<void> {
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

/** Results that are kept of one video, at most: those of a day in chunks of 20 s. */
const MAX_KEPT_CHUNKS = 5000

/** Removes the oldest results of a video that has too many, as after many changes of the model or the language. */
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

/** What transcription took: seconds of audio that were sent in so many requests, and those that did not have to be. */
export interface SpeechUse {
  readonly requests: number
  readonly seconds_sent: number
  readonly seconds_reused: number
}

/** Adds to what was sent for a video, and by a model in all. */
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
