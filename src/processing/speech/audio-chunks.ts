import type { TranscriptSegment } from '../../database/schema.ts'
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

/**
 * Divides audio into chunks of at most `max` seconds. Each ends in the middle of the longest silence in the second half of its time;
 * without a silence, chunks overlap, so that a word at the cut is whole in one of them.
 *
 * Cuts depend only on what comes before them, and not on the total duration: when the audio grows at its end, only the last chunk changes.
 */
export function planChunks(duration: number, silences: readonly Silence[], max: number): Chunk[] {
  const chunks: Chunk[] = []
  const overlap = Math.min(OVERLAP_S, max / 8)
  let start = 0
  let from = 0
  while (duration - from > max) {
    const latest = from + max
    const silence = longestSilence(silences, start + (latest - start) / 2, latest)
    if (silence !== undefined) {
      chunks.push({ from, to: silence, start, end: silence })
      start = from = silence
    } else {
      const end = latest - overlap
      chunks.push({ from, to: latest, start, end })
      start = end
      from = end - overlap
    }
  }
  // After a cut near the end, too little would be left for a request of its own.
  from = Math.min(from, Math.max(0, duration - MIN_AUDIO_S))
  chunks.push({ from, to: duration, start, end: duration })
  return chunks
}

/** @returns the middle of the longest silence between two times. */
function longestSilence(silences: readonly Silence[], earliest: number, latest: number): number | undefined {
  let best: { middle: number; length: number } | undefined
  for (const [begin, end] of silences) {
    const [left, right] = [Math.max(begin, earliest), Math.min(end, latest)]
    const length = right - left
    if (length > 0 && length > (best?.length ?? 0)) best = { middle: (left + right) / 2, length }
  }
  return best?.middle
}

/** Longer silence at an end of a chunk is not sent: it costs as much as speech, and models invent text for it. */
const MAX_SILENT_END_S = 10
/** The part of such a silence that is sent. */
const SILENT_MARGIN_S = 0.5

/** Shortens chunks that begin or end with a long silence, and removes those that are silent as a whole. */
export function withoutSilentEnds(chunks: readonly Chunk[], silences: readonly Silence[]): Chunk[] {
  return chunks.flatMap(chunk => {
    let { from, to } = chunk
    for (const [begin, end] of silences) {
      if (begin <= from && end >= to) return []
      if (begin <= from && end > from + MAX_SILENT_END_S) from = end - SILENT_MARGIN_S
      else if (end >= to && begin < to - MAX_SILENT_END_S) to = begin + SILENT_MARGIN_S
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
