import type { Logger } from 'pino'
import type { Signal } from '../../base/signal.ts'
import type { Db, StepName } from '../../database/schema.ts'
import type { Queue } from '../../messaging/queue.ts'
import type { Storage } from '../../objects/object-storage.ts'
import type { Step } from '../step.ts'

/** What a worker works with. */
export interface WorkerDeps {
  readonly db: Db
  readonly queue: Queue
  readonly storage: Storage
  readonly log: Logger
  readonly steps: Readonly<Record<StepName, Step>>
  /** Where attempts have their directories; on the file system of the storage. */
  readonly workDirectory: string
  /** Seconds between two looks at the rows for work that no event told of. */
  readonly sweepInterval: number
  readonly signal: Signal
}
