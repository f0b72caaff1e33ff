import type { ColumnType, Generated } from 'kysely'
import type { NoteCode, StepErrorCode, StepReason } from '../../base/step-reasons.ts'
import type { Defaulted } from './columns.ts'

export interface StepTables {
  steps: StepsTable
  pauses: PausesTable
  lost_leases: LostLeasesTable
}

export const STEP_NAMES = ['probe', 'playback', 'poster', 'audio', 'transcribe'] as const
export type StepName = (typeof STEP_NAMES)[number]

export const STEP_STATES = ['pending', 'running', 'done', 'skipped', 'failed'] as const
export type StepState = (typeof STEP_STATES)[number]

export interface StepsTable {
  video_id: string
  name: StepName
  state: Defaulted<StepState>
  /** Percent, 0 to 100. */
  progress: Defaulted<number>
  attempts: Defaulted<number>
  reason: StepReason | null
  /** Facts about the file that its owner should know, such as damage. Written as JSON. */
  notes: ColumnType<StepNote[], string | undefined, string>
  error_code: StepErrorCode | null
  error_message: string | null
  /** Time from which it may run; null while it waits for another step. */
  due_at: Date | null
  lease_token: string | null
  lease_until: Date | null
  started_at: Date | null
  finished_at: Date | null
  /** Owner of the video; '' if it has none. */
  owner: Defaulted<string>
  /** Position among the steps of all owners with this name. The lowest runs next. */
  turn: Defaulted<number>
  /** The worker process that holds the lease, or held it last. */
  worker: string | null
  /** Number of workers that died while running it, since it last succeeded. */
  losses: Defaulted<number>
  /** Number of consecutive attempts that failed because of the machine. */
  machine_faults: Defaulted<number>
}

/** A fact about the file that a step found and its owner should know. */
export interface StepNote {
  /** Stable, for programs. */
  readonly code: NoteCode
  /** A sentence for people. */
  readonly message: string
}

/** While a pause exists, workers start no step of this name. */
export interface PausesTable {
  step: StepName
  code: string
  message: string
  since: Generated<Date>
  /** Number of recovery checks so far. */
  checks: Defaulted<number>
  /** Time of the next recovery check. */
  next_check_at: Date
}

/** A lease whose worker died. */
export interface LostLeasesTable {
  video_id: string
  step: StepName
  worker: string
  lost_at: Defaulted<Date>
}
