import { StepError } from '../../base/errors.ts'
import type { Step, StepContext } from '../step.ts'

/**
 * Adds a check of the source file to a step, before it runs and after it fails. A file that is missing or damaged on the server then has its
 * own error instead of an error about the media.
 */
export function withSourceCheck(step: Step): Step {
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

/** @throws StepError `source_missing` or `source_damaged`. A retry succeeds after the file is restored. */
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
    `The uploaded file has ${size} bytes instead of ${video.size} on the server: restore it from a backup and retry.`,
    { retryable: false },
  )
}
