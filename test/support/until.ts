import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

/**
 * Asks again and again until `check` returns something truthy, and returns that. An error of `check` counts as "not yet".
 * @param timeout milliseconds; two minutes where absent, for machines that are slow and busy: it costs nothing where all is well.
 * @param interval milliseconds between two questions, 50 where absent.
 * @throws Error that shows the last value, or has the last error as its cause, at the timeout.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  { timeout = 120_000, interval = 50 } = {},
): Promise<Exclude<T, false | 0 | '' | null | undefined>> {
  const deadline = performance.now() + timeout
  for (;;) {
    let value: T | undefined
    let cause: unknown
    try {
      value = await check()
      if (value) return value as Exclude<T, false | 0 | '' | null | undefined>
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) {
      const last = cause ? String(cause) : inspect(value, { depth: 6 })
      throw new Error(`Waited ${timeout / 1000} s for: ${check}\nlast: ${last}`, { cause })
    }
    await pause(interval)
  }
}
