import { StepError } from '../../base/errors.ts'
import type { Chunk } from './audio-chunks.ts'
import { isPausing, type SpeechResult } from './speech-to-text.ts'

export type ChunkOutcome = SpeechResult | StepError

export interface ChunkTranscription {
  /** Chunks in work at a time. */
  readonly concurrency: number
  readonly signal: AbortSignal
  /** @throws StepError */
  readonly transcribe: (chunk: Chunk, signal: AbortSignal) => Promise<SpeechResult>
  readonly onProgress: (percent: number) => void
}

/** Failures after which no more chunks are sent: in a row if they are transient, or in all if no chunk succeeded. */
const MAX_FAILURES = 2

/**
 * Transcribes chunks, some at a time. One failed chunk does not stop the rest. After `MAX_FAILURES` transient failures in a row, or as
 * many permanent ones without a success, no more are sent and the remaining chunks get the last error.
 * @returns the outcome of each chunk, in their order.
 * @throws errors that concern more than one chunk: an engine that works for none, and whatever ends the step.
 */
export async function transcribeChunks(
  chunks: readonly Chunk[],
  { concurrency, transcribe, onProgress, ...options }: ChunkTranscription,
): Promise<ChunkOutcome[]> {
  const outcomes: ChunkOutcome[] = []
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  let [next, finished, succeeded, transient, permanent] = [0, 0, 0, 0, 0]
  let failure: StepError | undefined
  const isHopeless = () => transient >= MAX_FAILURES || (permanent >= MAX_FAILURES && succeeded === 0)

  async function transcribeOne(index: number): Promise<void> {
    try {
      outcomes[index] = await transcribe(chunks[index]!, signal)
      succeeded++
      transient = 0
    } catch (error) {
      if (!(error instanceof StepError) || isPausing(error)) throw error
      outcomes[index] = failure = error
      if (error.retryable) transient++
      else permanent++
    }
    finished++
    onProgress((100 * finished) / chunks.length)
  }

  async function runLane(): Promise<void> {
    while (next < chunks.length && !isHopeless()) await transcribeOne(next++)
  }

  const lanes = Array.from({ length: Math.min(concurrency, chunks.length) }, runLane)
  try {
    await Promise.all(lanes)
  } finally {
    // If one lane throws, the others end before this function does.
    stop.abort()
    await Promise.allSettled(lanes)
  }
  return chunks.map((_, index) => outcomes[index] ?? failure!)
}
