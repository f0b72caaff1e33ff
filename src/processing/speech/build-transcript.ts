import { StepError } from '../../base/errors.ts'
import type { DroppedText, TranscriptGap, TranscriptSegment } from '../../database/tables/transcripts.ts'
import type { VideoRow } from '../../videos/catalogue/videos.ts'
import type { Silence } from '../media/extract-audio.ts'
import type { StepResult } from '../step.ts'
import { type Chunk, speechShare } from './audio-chunks.ts'
import { withoutHallucinations } from './hallucinations.ts'
import { joinChunks } from './join-chunks.ts'
import { languageField } from './languages.ts'
import type { SpeechResult, SpeechToText } from './speech-to-text.ts'
import type { ChunkOutcome } from './transcribe-chunks.ts'

export interface TranscribedAudio {
  readonly video: VideoRow
  readonly engine: SpeechToText
  /** Seconds. */
  readonly duration: number
  readonly silences: readonly Silence[]
  readonly chunks: readonly Chunk[]
  /** Of each chunk. */
  readonly outcomes: readonly ChunkOutcome[]
}

const EMPTY_RESULT: SpeechResult = { language: null, text: '', segments: [], words: [] }

/** The step's result: a transcript whose failed chunks are marked gaps, or `silent` if nothing was said. */
export function buildTranscript(audio: TranscribedAudio): StepResult {
  const { video, engine, duration, silences, chunks, outcomes } = audio
  const { results, gaps, dropped } = sortOutcomes(audio)
  const segments = withDistinctSpeakers(joinChunks(chunks, results), chunks)
  const text = segments.map(segment => segment.text).join(' ')
  const [gap] = gaps
  const isEmpty = text === '' && !gap
  return {
    ...(isEmpty && { skipped: 'silent' }),
    ...(gap && { partial: gap }),
    ...((!isEmpty || dropped.length > 0) && {
      transcript: {
        language: video.language ?? mainLanguage(outcomes),
        text,
        segments,
        model: engine.model,
        options: { language: video.language && languageField(video.language), ...engine.options },
        source_sha256: video.sha256,
        gaps,
        dropped,
        speech_share: speechShare(duration, silences, segments),
      },
    }),
  }
}

function sortOutcomes({ chunks, outcomes, silences }: TranscribedAudio) {
  const gaps: TranscriptGap[] = []
  const dropped: DroppedText[] = []
  const results = outcomes.map((outcome, index) => {
    const { start, end, from, to } = chunks[index]!
    if (outcome instanceof StepError) {
      gaps.push({ start, end, code: outcome.code, message: outcome.message })
      return EMPTY_RESULT
    }
    const silencesInChunk = silences.map(([begin, end]): Silence => [begin - from, end - from])
    const filtered = withoutHallucinations(outcome, silencesInChunk, to - from)
    for (const { start, end, ...rest } of filtered.dropped) {
      dropped.push({ start: start + from, end: Math.min(end + from, to), ...rest })
    }
    return filtered.result
  })
  return { results, gaps, dropped }
}

/** A model names speakers in each chunk anew: "A" in one chunk is not "A" in another. */
function withDistinctSpeakers(segments: TranscriptSegment[], chunks: readonly Chunk[]): TranscriptSegment[] {
  if (chunks.length < 2) return segments
  return segments.map(segment => {
    if (segment.speaker === undefined) return segment
    const number = chunks.findLastIndex(chunk => chunk.start <= segment.start) + 1
    return { ...segment, speaker: `${segment.speaker} (${number})` }
  })
}

/** The language of most of the text; null if no result has one. */
export function mainLanguage(outcomes: readonly ChunkOutcome[]): string | null {
  const letters = new Map<string, number>()
  for (const outcome of outcomes) {
    if (outcome instanceof StepError || outcome.language === null) continue
    letters.set(outcome.language, (letters.get(outcome.language) ?? 0) + outcome.text.length)
  }
  const [first] = [...letters].sort(([, a], [, b]) => b - a)
  return first?.[0] ?? null
}
