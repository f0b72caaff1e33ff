import type { Cancellation } from '../locks/locked.ts'

/** What a lock's newcomer ends the holder with. @param signal ends it too. */
export function cancellation(signal: AbortSignal): Cancellation {
  const controller = new AbortController()
  const end = () => controller.abort()
  return { signal: AbortSignal.any([signal, controller.signal]), abort: end }
}
