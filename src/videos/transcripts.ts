import { diffArrays } from 'diff'
import { type Selectable, sql } from 'kysely'
import type { Db, TranscriptSegment, TranscriptsTable } from '../database/schema.ts'
import { refreshSearch } from './search-index.ts'

export type Transcript = Selectable<TranscriptsTable>

export interface NewTranscript {
  language: string | null
  text: string
  segments: TranscriptSegment[]
  model: string
  source_sha256: string | null
}

/**
 * The transcripts that are shown, by video: a person's latest revision where there is one, because what a person wrote is never
 * replaced by a machine's, else the latest.
 */
export async function currentTranscripts(
  db: Db,
  videoIds: readonly string[],
): Promise<Map<string, Transcript>> {
  const rows = await db
    .selectFrom('transcripts')
    .distinctOn('video_id')
    .selectAll()
    .where('video_id', 'in', videoIds)
    .orderBy('video_id')
    .orderBy(sql`origin = 'person'`, 'desc')
    .orderBy('revision', 'desc')
    .execute()
  return new Map(rows.map(row => [row.video_id, row]))
}

export async function currentTranscript(db: Db, videoId: string): Promise<Transcript | undefined> {
  return (await currentTranscripts(db, [videoId])).get(videoId)
}

/** Adds what a model heard as the next revision. */
export async function addMachineTranscript(
  db: Db,
  videoId: string,
  transcript: NewTranscript,
): Promise<void> {
  await insertRevision(db, videoId, { ...transcript, origin: 'machine' })
}

/**
 * Adds an edited text as the next revision. Words that did not change keep the times of their segment; new ones go with those
 * that they replace, else with the word before them.
 * @param duration of the video in seconds: the time span of a text that had no transcript before.
 */
export async function addEditedText(
  db: Db,
  videoId: string,
  text: string,
  duration: number | null,
): Promise<void> {
  const before = await currentTranscript(db, videoId)
  const segments = before?.segments.length
    ? retime(before.segments, text)
    : text.trim() === ''
      ? []
      : [{ start: 0, end: duration ?? 0, text: text.trim() }]
  await insertRevision(db, videoId, {
    origin: 'person',
    language: before?.language ?? null,
    text,
    segments,
    model: before?.model ?? null,
    source_sha256: before?.source_sha256 ?? null,
  })
}

/** How many words may have changed for them to be found one by one: the search takes as many steps as their square. */
const COMPARED = 2000

/** Spreads an edited text over the segments of the text that it was made from. Segments that lost all their words go. */
export function retime(segments: readonly TranscriptSegment[], text: string): TranscriptSegment[] {
  const words = segments.flatMap((segment, index) => split(segment.text).map(word => ({ word, index })))
  const [before, after] = [words.map(entry => entry.word), split(text)]
  const texts: string[][] = segments.map(() => [])
  const changes = diffArrays(before, after, { maxEditLength: COMPARED }) ?? [
    { removed: true, value: before },
    { added: true, value: after },
  ]
  let at = 0
  /** The segments of the words that new ones stand for: those just removed, or else the word before. */
  let places = [0]
  for (const { added, removed, value } of changes) {
    if (!added && value.length > 0) places = value.map(() => words[at++]!.index)
    if (removed) continue
    for (const [index, word] of value.entries()) {
      texts[places[Math.floor((index * places.length) / value.length)]!]!.push(word)
    }
    places = places.slice(-1)
  }
  return segments
    .map((segment, index) => ({ ...segment, text: texts[index]!.join(' ') }))
    .filter(segment => segment.text !== '')
}

function split(text: string): string[] {
  return text.split(/\s+/).filter(Boolean)
}

type Revision = Omit<NewTranscript, 'model'> & { origin: 'machine' | 'person'; model: string | null }

/** The caller holds the video's row, so that two revisions do not get one number. */
async function insertRevision(db: Db, videoId: string, revision: Revision): Promise<void> {
  await db
    .insertInto('transcripts')
    .values({
      ...revision,
      video_id: videoId,
      segments: JSON.stringify(revision.segments),
      revision: sql<number>`(select coalesce(max(revision), 0) + 1 from transcripts where video_id = ${videoId})`,
    })
    .execute()
  await refreshSearch(db, videoId)
}

/** The kept answer to one request to the speech-to-text service. */
export async function findPiece(db: Db, videoId: string, fingerprint: string): Promise<object | undefined> {
  const row = await db
    .selectFrom('transcript_pieces')
    .select('result')
    .where('video_id', '=', videoId)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst()
  return row?.result
}

/** Keeps an answer of the speech-to-text service; does nothing where the video is gone by now. */
export async function keepPiece(db: Db, videoId: string, fingerprint: string, result: object): Promise<void> {
  await db
    .insertInto('transcript_pieces')
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
