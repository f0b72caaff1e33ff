import type { CancellationContext } from '@tus/utils'

/** What a lock's newcomer ends the holder with. @param signal ends it too. */
export function cancellation(signal: AbortSignal): CancellationContext {
  const controller = new AbortController()
  const end = () => controller.abort()
  return { signal: AbortSignal.any([signal, controller.signal]), abort: end, cancel: end }
}
