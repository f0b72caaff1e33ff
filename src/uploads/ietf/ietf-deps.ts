import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { TerminationDeps } from '../core/termination.ts'

export interface IetfDeps extends TerminationDeps {
  readonly log: Logger
  /** Bytes. */
  readonly maxSize: number
  readonly publicUrl: string | undefined
  /** Which clients are sent 104 (Upload Resumption Supported). */
  readonly informational: Config['uploadInformational']
}
