import type { Logger } from 'pino'
import type { Db } from '../database/schema.ts'
import type { ArtifactKind } from '../database/tables/videos.ts'
import type { ObjectStorage } from '../objects/object-storage.ts'
import type { SourceRow } from '../videos/catalogue/videos.ts'
import type { StepOutcome } from '../videos/pipeline/steps.ts'

/** The context of one attempt at one step of one video. */
export interface StepContext {
  readonly video: SourceRow
  readonly db: Db
  readonly storage: ObjectStorage
  readonly log: Logger
  /** A directory for this attempt alone; it is removed afterwards. */
  readonly directory: string
  /** Aborts when the video is deleted, the lease is lost, the worker stops, or the step made no progress for too long. */
  readonly signal: AbortSignal
  /** Whether a failure of this attempt is final. */
  readonly lastAttempt: boolean
  /** Reports progress in percent, 0 to 100. The attempt keeps its lease only while it makes progress. */
  progress(percent: number): void
}

/** A file in the attempt's directory that becomes an artifact. */
export interface MadeFile {
  readonly kind: ArtifactKind
  /** Distinguishes several files of a kind; empty if there is only one. */
  readonly variant?: string
  readonly path: string
  /** With the dot. */
  readonly extension: string
  readonly contentType: string
  readonly details: Record<string, unknown>
}

export interface StepResult extends Omit<StepOutcome, 'artifacts'> {
  /** Either all of them become artifacts, or none. */
  readonly files?: readonly MadeFile[]
}

/** One stage of processing. It must be idempotent, because it can run more than once. */
export interface Step {
  /** Seconds without progress after which an attempt is ended as stalled. */
  readonly stallTimeoutS: number
  /** @throws StepError; StepPostponed if it cannot run now */
  run(context: StepContext): Promise<StepResult>
}
