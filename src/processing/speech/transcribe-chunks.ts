import { StepError } from '../../base/errors.ts'
import type { Piece } from './audio-chunks.ts'
import type { Heard } from './speech-answer.ts'
import { isMisconfigured } from './speech-refusal.ts'

/** What became of a piece. */
export type Outcome = Heard | StepError

export interface HearingPlan {
  /** Pieces at a time. */
  readonly lanes: number
  readonly signal: AbortSignal
  /** @throws StepError */
  readonly hear: (piece: Piece, signal: AbortSignal) => Promise<Heard>
  /** Called with percent. */
  readonly onProgress: (percent: number) => void
}

/** Failures in a row from which on no more is asked for. */
const HOPELESS = 2

/**
 * Hears pieces, a few at a time. One that fails does not keep the others from being heard, unless it looks as if all would fail: then
 * those that were not begun have the failure of the last one.
 * @returns what became of each piece, in their order.
 * @throws what is no failure of one piece: a service that takes no requests at all, and what ends the step.
 */
export async function hearAll(pieces: readonly Piece[], plan: HearingPlan): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const stop = new AbortController()
  const signal = AbortSignal.any([plan.signal, stop.signal])
  let [next, finished, heard, passing, final] = [0, 0, 0, 0, 0]
  let failure: StepError | undefined
  const isHopeless = () => passing >= HOPELESS || (final >= HOPELESS && heard === 0)

  async function hear(index: number): Promise<void> {
    try {
      outcomes[index] = await plan.hear(pieces[index]!, signal)
      heard++
      passing = 0
    } catch (error) {
      if (!(error instanceof StepError) || isMisconfigured(error)) throw error
      outcomes[index] = failure = error
      if (error.retryable) passing++
      else final++
    }
    finished++
    plan.onProgress((100 * finished) / pieces.length)
  }

  async function lane(): Promise<void> {
    while (next < pieces.length && !isHopeless()) await hear(next++)
  }

  const lanes = Array.from({ length: Math.min(plan.lanes, pieces.length) }, lane)
  try {
    await Promise.all(lanes)
  } finally {
    // Where one ends it all, the others leave nothing running behind them.
    stop.abort()
    await Promise.allSettled(lanes)
  }
  return pieces.map((_, index) => outcomes[index] ?? failure!)
}
