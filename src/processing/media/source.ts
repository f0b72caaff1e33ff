import { StepError } from '../../base/errors.ts'
import type { Step, StepContext } from '../step.ts'

/**
 * A step that reads the source. That the source is missing or damaged on our side is no fault of the media, so that is looked at before the
 * step, and again when it has failed.
 */
export function readsSource(step: Step): Step {
  return {
    ...step,
    async run(context) {
      await requireSource(context)
      try {
        return await step.run(context)
      } catch (error) {
        await requireSource(context)
        throw error
      }
    },
  }
}

/** @throws StepError `source_missing`, `source_damaged`: a retry works once the file is restored. */
async function requireSource({ video, storage }: StepContext): Promise<void> {
  const size = await storage.size(video.storage_key)
  if (size === undefined) {
    throw new StepError(
      'source_missing',
      'The uploaded file is missing on the server: restore it from a backup and retry.',
      { retryable: false },
    )
  }
  if (size === video.size) return
  throw new StepError(
    'source_damaged',
    `The uploaded file has ${size} bytes in place of ${video.size} on the server: restore it from a backup and retry.`,
    { retryable: false },
  )
}
