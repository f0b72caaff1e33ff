import { mkdir } from 'node:fs/promises'
import { type MachineFault, StepError, StepPostponed } from '../../base/errors.ts'
import { faultOf, faultOfFfmpeg, machineFault } from '../programs/machine-faults.ts'

export const STALLED = 'stalled'
/** Limit of characters of a cause in the log. */
const MAX_DETAIL_LENGTH = 1000

/**
 * Decides whether the machine or the video caused a failed attempt, and checks the machine if the error does not say.
 * @param directory of the attempt.
 */
export async function classifyFailure(
  reason: unknown,
  directory: string,
  stopping: AbortSignal,
): Promise<StepError | StepPostponed> {
  if (reason instanceof StepPostponed) return reason
  const isClassified = reason instanceof StepError && reason.code !== STALLED
  const fault = isClassified ? undefined : (machineFault(reason) ?? (await checkMachine(directory, stopping)))
  if (fault) return fault
  if (reason instanceof StepError) return reason
  const message = 'The step failed because of an internal error; the log has the details.'
  return new StepError('internal', message, { retryable: true, cause: reason })
}

async function checkMachine(directory: string, stopping: AbortSignal): Promise<MachineFault | undefined> {
  try {
    await mkdir(directory, { recursive: true })
  } catch (error) {
    return machineFault(error)
  }
  return (
    (await faultOf([directory])) ??
    (await faultOfFfmpeg([directory], stopping).catch(error => machineFault(error)))
  )
}

/** Fields for the log. Only an internal error needs its stack. */
export function failureFields({ code, message, cause }: StepError | MachineFault): object {
  if (code === 'internal') return { code, err: cause }
  return {
    code,
    error: message,
    ...(cause instanceof Error && { detail: cause.message.slice(-MAX_DETAIL_LENGTH) }),
  }
}
