import { fromServer } from '../locale/say.ts'
import { isSound } from './accepted-files.ts'
import type { Item, Phase } from './item.ts'
import type { SpeedMeter } from './speed-meter.ts'
import { type QueuedFile, videoIdOf } from './uppy.ts'
import { videoState } from './video-states.ts'

export interface Sending {
  /** Undefined if this tab is not sending the file. */
  readonly meter: SpeedMeter | undefined
  readonly problem: string | undefined
}

/** The row of a file. */
export function toItem(file: QueuedFile, { meter, problem }: Sending): Item {
  const { id, name, type, size, meta, progress } = file
  const videoId = videoIdOf(file)
  const state = videoState(videoId)
  const known = state === 'deleted' ? undefined : state
  return {
    id,
    name: name ?? '',
    title: meta.title,
    isSound: isSound(type ?? ''),
    sizeBytes: size ?? 0,
    phase: phaseOf(file, known?.status, meter !== undefined, problem !== undefined),
    sentBytes: Number(progress.bytesUploaded) || 0,
    savedBytes: known?.upload?.offset,
    bytesPerSecond: meter?.bytesPerSecond,
    videoId,
    processedPercent: known?.progress,
    problem: problem ?? (known?.error ? fromServer(known.error.message, '') : undefined),
  }
}

function phaseOf(
  { progress, isGhost, meta }: QueuedFile,
  status: string | undefined,
  isLaunched: boolean,
  isFailed: boolean,
): Phase {
  if (progress.uploadComplete) {
    if (status === 'ready') return 'ready'
    return status === 'failed' ? 'unusable' : 'processing'
  }
  if (isGhost) return 'choose'
  if (isFailed) return 'failed'
  if (meta.isHeld) return 'paused'
  return isLaunched ? 'uploading' : 'queued'
}
