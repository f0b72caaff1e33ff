import type { RunOptions } from '../locks/upload-locks.ts'

/** Ends a body when its client disconnects or a newcomer wants the upload's lock. @param closed aborts when the client disconnects. */
export function bodyEnd(closed: AbortSignal): { signal: AbortSignal; lock: RunOptions } {
  const controller = new AbortController()
  const signal = AbortSignal.any([closed, controller.signal])
  return { signal, lock: { signal, onRelease: () => controller.abort() } }
}
