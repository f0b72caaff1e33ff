import { StepError } from '../../base/errors.ts'
import type { Chunk } from './audio-chunks.ts'
import { mainLanguage } from './build-transcript.ts'
import { isPausing, type SpeechResult } from './speech-to-text.ts'
import type { ChunkOutcome } from './transcribe-chunks.ts'

/**
 * Detects the language of a video by its chunks at the beginning, in the middle and at the end. The first seconds alone may be music,
 * or a greeting in another language.
 * @returns null for a single chunk, and if no chunk has a language: then the engine detects it for each chunk.
 * @throws errors that concern more than one chunk.
 */
export async function detectLanguage(
  chunks: readonly Chunk[],
  transcribe: (chunk: Chunk) => Promise<SpeechResult>,
): Promise<string | null> {
  if (chunks.length < 2) return null
  const outcomes: ChunkOutcome[] = []
  for (const index of new Set([0, chunks.length >> 1, chunks.length - 1])) {
    const outcome = await transcribe(chunks[index]!).catch(error => {
      if (!(error instanceof StepError) || isPausing(error)) throw error
      return error
    })
    outcomes.push(outcome)
  }
  return mainLanguage(outcomes)
}
