import type { SkipReason } from '../../base/step-reasons.ts'
import {
  type ArtifactKind,
  type EventType,
  STEP_NAMES,
  type StepName,
  type StepState,
  type VideoStatus,
} from '../../database/schema.ts'

interface PipelineEntry {
  /** The step that has to be done before; null where only the source is needed. */
  readonly after: StepName | null
  /** The event that tells workers to look for this step. */
  readonly trigger: EventType
  /** The event that tells the world that it is done. */
  readonly announces: EventType | null
  /** What it puts into storage. Run again, it replaces all of it. */
  readonly makes: readonly ArtifactKind[]
}

/** The order of processing: every step, what it waits for, what wakes it and what it announces. */
export const PIPELINE: Readonly<Record<StepName, PipelineEntry>> = {
  probe: { after: null, trigger: 'video.uploaded', announces: 'video.probed', makes: ['captions'] },
  playback: { after: 'probe', trigger: 'video.probed', announces: null, makes: ['playback'] },
  poster: {
    after: 'probe',
    trigger: 'video.probed',
    announces: null,
    makes: ['poster', 'poster_small', 'storyboard', 'storyboard_vtt'],
  },
  audio: {
    after: 'probe',
    trigger: 'video.probed',
    announces: 'video.audio_extracted',
    makes: ['audio', 'audio_download', 'audio_track', 'peaks'],
  },
  transcribe: {
    after: 'audio',
    trigger: 'video.audio_extracted',
    announces: 'video.transcribed',
    makes: [],
  },
}

/** The step that makes a kind of artifact. */
export function makerOf(kind: ArtifactKind): StepName {
  return STEP_NAMES.find(name => PIPELINE[name].makes.includes(kind))!
}

/** How often a step is begun before its failure is final. */
export const MAX_ATTEMPTS = 5

/** Seconds between a failed attempt (1 is the first) and the next: 2, 8, 32, 128. */
export function backoff(attempt: number): number {
  return 2 * 4 ** (attempt - 1)
}

/** The steps that wait for `name`, directly or through others. */
export function dependents(name: StepName): StepName[] {
  const direct = STEP_NAMES.filter(candidate => PIPELINE[candidate].after === name)
  return direct.flatMap(candidate => [candidate, ...dependents(candidate)])
}

/** Whether nothing more happens to a step unless somebody asks for a retry. */
export function isSettled(state: StepState): boolean {
  return state === 'done' || state === 'skipped' || state === 'failed'
}

export interface StepFact {
  readonly name: StepName
  readonly state: StepState
  readonly reason: string | null
}

/**
 * What the states of its steps make of a video: `failed` only where the source cannot be used at all, which is what `probe` finds
 * out; every other failure leaves a video that can be watched.
 */
export function statusOf(steps: readonly StepFact[]): VideoStatus {
  if (!steps.every(step => isSettled(step.state))) return 'processing'
  return steps.some(step => step.name === 'probe' && step.state === 'failed') ? 'failed' : 'ready'
}

/** The reason that a step carries when the step it waits for failed. */
export function blockedBy(name: StepName): SkipReason {
  return `${name}_failed`
}

/** The reason that a step carries when it is done but for parts that failed. */
export const PARTIAL = 'partial'

/** Whether another try can change what became of a step: it or a part of it failed, it was held up by one that failed, or lacked a setting. */
export function canRetry(step: StepFact): boolean {
  if (step.state === 'failed' || (step.state === 'done' && step.reason === PARTIAL)) return true
  return (
    step.state === 'skipped' &&
    (step.reason === 'not_configured' || STEP_NAMES.some(name => step.reason === blockedBy(name)))
  )
}
