import type { TranscriptSegment } from '../../database/tables/transcripts.ts'
import { BLOCKS_PER_S } from '../media/audio-blocks.ts'
import type { Silence } from '../media/extract-audio.ts'

/** A stretch of audio that is sent in one request. All times are seconds from the start of the audio. */
export interface Chunk {
  /** The audio that is sent. */
  readonly from: number
  readonly to: number
  /** The part of it that the transcript takes. These parts touch; the audio that is sent may overlap. */
  readonly start: number
  readonly end: number
}

/** OpenAI refuses audio that is shorter. */
export const MIN_AUDIO_S = 0.1

/** How far the audio of two chunks overlaps if the cut is not in a silence, to each side of the cut. */
const OVERLAP_S = 5

/** A silence of less than this is no place for a cut: cuts are moved by up to a block. */
const MIN_CUT_SILENCE_S = 2 / BLOCKS_PER_S

/**
 * Divides audio into chunks of at most `max` seconds. Each ends in the middle of the longest silence after `min` seconds or, if there is none, in the
 * second half of its time; without a silence, chunks overlap, so that a word at the cut is whole in one of them.
 *
 * Cuts depend only on what comes between the origin and them: when the audio grows at its end, or has more silence at its start, all but
 * the last chunk keep their samples. All times are on the grid of blocks, for their hashes.
 * @param origin the time of the first sound, from which the first chunk is sent.
 */
export function planChunks(
  duration: number,
  silences: readonly Silence[],
  max: number,
  origin = 0,
  min?: number,
): Chunk[] {
  const chunks: Chunk[] = []
  const grid = gridFrom(origin)
  const longest = wholeBlocks(max)
  const overlap = Math.min(OVERLAP_S, wholeBlocks(longest / 8))
  let start = 0
  let from = origin
  while (duration - from > longest) {
    const latest = grid(from + longest)
    const since = Math.max(start, origin)
    const half = since + (latest - since) / 2
    const late = min === undefined ? undefined : longestSilence(silences, since + min, latest)
    const silence = late ?? longestSilence(silences, half, latest)
    if (silence !== undefined) {
      const cut = grid(silence)
      chunks.push({ from, to: cut, start, end: cut })
      start = from = cut
    } else {
      const end = grid(latest - overlap)
      chunks.push({ from, to: latest, start, end })
      start = end
      from = grid(end - overlap)
    }
  }
  // After a cut near the end, too little would be left for a request of its own.
  if (duration - from < MIN_AUDIO_S) from = Math.max(origin, grid(duration - 2 * MIN_AUDIO_S))
  chunks.push({ from, to: duration, start, end: duration })
  return chunks
}

/** Keeps a time at the beginning of a block from falling into the block before it. */
const EPSILON = 1e-6

/** Seconds, rounded down to whole blocks. */
function wholeBlocks(seconds: number): number {
  return Math.floor(seconds * BLOCKS_PER_S + EPSILON) / BLOCKS_PER_S
}

/** Rounds times down to the beginning of a block. */
function gridFrom(origin: number): (seconds: number) => number {
  return seconds => origin + wholeBlocks(seconds - origin)
}

/** @returns the middle of the longest silence between two times. */
function longestSilence(silences: readonly Silence[], earliest: number, latest: number): number | undefined {
  let best: { middle: number; length: number } | undefined
  for (const [begin, end] of silences) {
    const [left, right] = [Math.max(begin, earliest), Math.min(end, latest)]
    const length = right - left
    if (length >= MIN_CUT_SILENCE_S && length > (best?.length ?? 0))
      best = { middle: (left + right) / 2, length }
  }
  return best?.middle
}

/** Longer silence at an end of a chunk is not sent: it costs as much as speech, and models invent text for it. */
const MAX_SILENT_END_S = 10
/** The part of such a silence that is sent. */
const SILENT_MARGIN_S = 0.5

/** Shortens chunks that begin or end with a long silence, and removes those that are silent as a whole. */
export function withoutSilentEnds(
  chunks: readonly Chunk[],
  silences: readonly Silence[],
  origin = 0,
): Chunk[] {
  const grid = gridFrom(origin)
  return chunks.flatMap(chunk => {
    let { from, to } = chunk
    for (const [begin, end] of silences) {
      // Encoders leave a few samples after a silence at the end.
      if (begin <= from && end >= to - MIN_AUDIO_S) return []
      if (begin <= from && end > from + MAX_SILENT_END_S) from = grid(end - SILENT_MARGIN_S)
      else if (end >= to && begin < to - MAX_SILENT_END_S) to = grid(begin + SILENT_MARGIN_S)
    }
    return [{ ...chunk, from, to }]
  })
}

/** The part of the audio, from 0 to 1, that segments cover and that is not silent. */
export function speechShare(
  duration: number,
  silences: readonly Silence[],
  segments: readonly TranscriptSegment[],
): number {
  let [speech, at, next] = [0, 0, 0]
  for (const segment of segments.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(at, segment.start)
    at = Math.max(start, Math.min(segment.end, duration))
    speech += at - start
    while (next < silences.length && silences[next]![1] <= start) next++
    for (let index = next; index < silences.length && silences[index]![0] < at; index++) {
      const [begin, end] = silences[index]!
      speech -= Math.max(0, Math.min(end, at) - Math.max(begin, start))
    }
  }
  return duration > 0 ? Math.min(1, Math.max(0, speech / duration)) : 0
}

/** Whether all of the audio is silent. */
export function isSilent(duration: number, silences: readonly Silence[]): boolean {
  const silent = silences.reduce((sum, [start, end]) => sum + end - start, 0)
  return duration - silent < MIN_AUDIO_S
}
