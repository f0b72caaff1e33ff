import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

/**
 * Asks again and again until `check` returns something truthy, and returns that. An error of `check` counts as "not yet".
 * @param timeout milliseconds; two minutes where absent, for machines that are slow and busy: it costs nothing where all is well.
 * @param interval milliseconds between two questions. If absent, they come less often the longer the wait: from 50 ms to 200 ms apart,
 * because each of many questions costs the service as much as a request of a user.
 * @throws Error that shows the last value, or has the last error as its cause, at the timeout.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  { timeout = 120_000, interval }: { readonly timeout?: number; readonly interval?: number } = {},
): Promise<Exclude<T, false | 0 | '' | null | undefined>> {
  const start = performance.now()
  for (;;) {
    let value: T | undefined
    let cause: unknown
    try {
      value = await check()
      if (value) return value as Exclude<T, false | 0 | '' | null | undefined>
    } catch (error) {
      cause = error
    }
    const waited = performance.now() - start
    if (waited >= timeout) {
      const last = cause ? String(cause) : inspect(value, { depth: 6 })
      throw new Error(`Waited ${timeout / 1000} s for: ${check}\nlast: ${last}`, { cause })
    }
    await pause(interval ?? Math.min(Math.max(50, waited / 20), 200))
  }
}
