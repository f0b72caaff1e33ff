import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for so many milliseconds, or until `signal` aborts; throws in neither case. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
