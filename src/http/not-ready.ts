import type { FastifyReply } from 'fastify'
import { type ApiError, DetailedError, notFound } from '../base/errors.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import type { SkipReason } from '../base/step-reasons.ts'
import type { Db } from '../database/schema.ts'
import type { StepName } from '../database/tables/steps.ts'
import { isUploading } from '../videos/catalogue/videos.ts'
import { findStep } from '../videos/pipeline/steps.ts'

const MIN_WAIT_S = 2
/** A retry or a worker that starts can make a step due earlier than its row says. */
const MAX_WAIT_S = 60

const EXPLANATIONS: Readonly<Record<SkipReason, string>> = {
  no_audio: 'the video has no audio',
  no_video: 'the file has no video track',
  silent: 'the audio contains no speech',
  too_short: 'the audio is too short for speech',
  not_configured: 'no speech-to-text service is configured',
  probe_failed: 'the file could not be read',
  playback_failed: 'the rendition could not be created',
  poster_failed: 'the poster could not be created',
  audio_failed: 'the audio could not be extracted',
  transcribe_failed: 'the transcription failed',
}

/**
 * Explains why the result of a step is missing. Either the step is not done yet (code `not_ready`, with Retry-After), or it has no result
 * unless it is retried (code `not_found`, with the step's reason).
 * @param what the missing resource, as the subject of a sentence.
 */
export async function absentResult(
  db: Db,
  reply: FastifyReply,
  { videoId, step: name, what }: { videoId: string; step: StepName; what: string },
): Promise<ApiError> {
  const step = await findStep(db, videoId, name)
  if (step?.state === 'pending' || step?.state === 'running') {
    const wait = Math.ceil(((step.due_at?.getTime() ?? 0) - Date.now()) / 1000)
    reply.header('retry-after', Math.min(MAX_WAIT_S, Math.max(MIN_WAIT_S, wait)))
    return absent('not_ready', `${what} is not ready yet. Try again later.`, name, null)
  }
  if (step?.state === 'skipped' && step.reason !== null)
    return absent(
      'not_found',
      `${what} does not exist, because ${EXPLANATIONS[step.reason as SkipReason] ?? step.reason}.`,
      name,
      step.reason,
    )
  if (step?.state === 'failed')
    return absent('not_found', `${what} could not be created. ${step.error_message}`, name, step.error_code)
  if (!step && (await isUploading(db, videoId))) return stillUploading(reply, what)
  return notFound(what)
}

/** The error for a result of a video that is still being uploaded. */
export function stillUploading(reply: FastifyReply, what = 'The video'): ApiError {
  reply.header('retry-after', MIN_WAIT_S)
  const detail = `${what} is not ready yet, because the video is still being uploaded. Try again later.`
  return new DetailedError(404, 'not_ready', detail, { reason: 'uploading' })
}

function absent(code: ProblemCode, detail: string, step: StepName, reason: string | null): ApiError {
  return new DetailedError(404, code, detail, { step, reason })
}
