import type { Logger } from 'pino'
import type { ArtifactKind, Db } from '../database/schema.ts'
import type { Storage } from '../objects/object-storage.ts'
import type { VideoRow } from '../videos/catalogue/videos.ts'
import type { StepOutcome } from '../videos/pipeline/steps.ts'

/** What a step has at hand for one attempt at one video. */
export interface StepContext {
  readonly video: VideoRow
  readonly db: Db
  readonly storage: Storage
  readonly log: Logger
  /** A directory of this attempt's own; gone afterwards. */
  readonly directory: string
  /** Aborts when the video is deleted, the lease lost, the worker stopped, or no progress was seen for too long. */
  readonly signal: AbortSignal
  /** Whether a failure of this attempt is final. */
  readonly lastAttempt: boolean
  /** Reports real progress in percent, 0 to 100; it is also the sign of life. */
  progress(percent: number): void
}

/** A file that a step made in its directory and that becomes an artifact. */
export interface MadeFile {
  readonly kind: ArtifactKind
  /** Tells several of a kind apart; empty if there is one only. */
  readonly variant?: string
  readonly path: string
  /** With the dot. */
  readonly extension: string
  readonly contentType: string
  readonly details: Record<string, unknown>
}

export interface StepResult extends Omit<StepOutcome, 'artifacts'> {
  /** They become artifacts together, or not at all. */
  readonly files?: readonly MadeFile[]
}

/** One stage of processing. Running it again has the same outcome. */
export interface Step {
  /** Seconds without progress after which an attempt counts as stalled. */
  readonly patience: number
  /** @throws StepError, or StepPostponed where it cannot run now */
  run(context: StepContext): Promise<StepResult>
}
