import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { TerminationDeps } from '../core/termination.ts'

export interface IetfDeps extends TerminationDeps {
  readonly log: Logger
  /** Maximum size of an upload in bytes. */
  readonly maxSize: number
  readonly publicUrl: string | undefined
  /** Which clients get 104 (Upload Resumption Supported). */
  readonly informational: Config['uploadInformational']
}
