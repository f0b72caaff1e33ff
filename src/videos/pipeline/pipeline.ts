import type { SkipReason, StepReason } from '../../base/step-reasons.ts'
import type { EventType } from '../../database/tables/messaging.ts'
import { STEP_NAMES, type StepName, type StepState } from '../../database/tables/steps.ts'
import type { ArtifactKind, VideoStatus } from '../../database/tables/videos.ts'

export interface PipelineEntry {
  /** Whether it needs the `whole` source or can start on a `growing` source, while the video is still being uploaded. */
  readonly needs: 'whole' | 'growing'
  /** The step that must be done before; null if it needs only the source. */
  readonly after: StepName | null
  /** The event after which workers claim this step. */
  readonly trigger: EventType
  /** The event that announces that it is done. */
  readonly announces: EventType | null
  /** The artifacts that it makes. A second run replaces all of them. */
  readonly makes: readonly ArtifactKind[]
}

export type Pipeline = Readonly<Record<StepName, PipelineEntry>>

/** Every step, in the order of processing. */
export const PIPELINE: Pipeline = {
  probe: {
    needs: 'whole',
    after: null,
    trigger: 'video.uploaded',
    announces: 'video.probed',
    makes: ['captions'],
  },
  playback: { needs: 'whole', after: 'probe', trigger: 'video.probed', announces: null, makes: ['playback'] },
  poster: {
    needs: 'whole',
    after: 'probe',
    trigger: 'video.probed',
    announces: null,
    makes: ['poster', 'poster_small', 'storyboard', 'storyboard_vtt'],
  },
  audio: {
    needs: 'whole',
    after: 'probe',
    trigger: 'video.probed',
    announces: 'video.audio_extracted',
    makes: ['audio', 'audio_download', 'audio_track', 'audio_blocks', 'peaks'],
  },
  transcribe: {
    needs: 'whole',
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

/** Attempts at a step before its failure is final. */
export const MAX_ATTEMPTS = 5

/** Seconds between a failed attempt (1 is the first) and the next: 2, 8, 32, 128. */
export function backoff(attempt: number): number {
  return 2 * 4 ** (attempt - 1)
}

/** The steps that wait for a step, directly or through other steps. */
export function dependents(name: StepName): StepName[] {
  const direct = STEP_NAMES.filter(candidate => PIPELINE[candidate].after === name)
  return direct.flatMap(candidate => [candidate, ...dependents(candidate)])
}

/** Whether a step stays as it is unless a retry is requested. */
export function isSettled(state: StepState): boolean {
  return state === 'done' || state === 'skipped' || state === 'failed'
}

export interface StepFact {
  readonly name: StepName
  readonly state: StepState
  readonly reason: StepReason | null
}

/**
 * The status of a video, from the states of its steps. It is `failed` only if `probe` found that the source cannot be used at all. With any
 * other failure, the video can still be played.
 */
export function statusOf(steps: readonly StepFact[]): Exclude<VideoStatus, 'uploading'> {
  if (!steps.every(step => isSettled(step.state))) return 'processing'
  return steps.some(step => step.name === 'probe' && step.state === 'failed') ? 'failed' : 'ready'
}

/** The reason of a step that is skipped because the step before it failed. */
export function blockedBy(name: StepName): SkipReason {
  return `${name}_failed`
}

/** The reason of a step that is done except for parts that failed. */
export const PARTIAL = 'partial'

/** Whether a retry can help a step: it or a part of it failed, the step before it failed, or a setting was missing. */
export function canRetry(step: StepFact): boolean {
  if (step.state === 'failed' || (step.state === 'done' && step.reason === PARTIAL)) return true
  return (
    step.state === 'skipped' &&
    (step.reason === 'not_configured' || STEP_NAMES.some(name => step.reason === blockedBy(name)))
  )
}
