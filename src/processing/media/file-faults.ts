import { StepError } from '../../base/errors.ts'

/** Whether a file itself is at fault, so that another attempt would fail in the same way. */
export function isFileFault(error: unknown): error is StepError {
  return error instanceof StepError && !error.retryable
}

/** Ignores a fault of the file. @throws all other errors, which end the step. */
export function ignoreFileFault(error: unknown): undefined {
  if (!isFileFault(error)) throw error
}
