import type { Logger } from 'pino'
import type { Signal } from '../../base/signal.ts'
import type { Db } from '../../database/schema.ts'
import type { StepName } from '../../database/tables/steps.ts'
import type { Queue } from '../../messaging/queue.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import type { Step } from '../step.ts'

export interface WorkerDeps {
  readonly db: Db
  readonly queue: Queue
  readonly storage: ObjectStorage
  readonly log: Logger
  readonly steps: Readonly<Record<StepName, Step>>
  /** The parent of the attempts' directories, on the same file system as the storage. */
  readonly workDirectory: string
  /** Seconds between two sweeps for due steps that no event announced. */
  readonly sweepIntervalS: number
  readonly signal: Signal
}
