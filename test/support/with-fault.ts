import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Service } from './service.ts'
import { until } from './until.ts'

/**
 * Settings for `startService` that make the program suffer one of the faults of `fault.ts`: from its start on, or as soon as `suffer`
 * tells it which where that is 'later'.
 */
export function withFault(name: string): Record<'FAULT' | 'NODE_OPTIONS', string> {
  return { FAULT: name, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'fault.ts')}` }
}

/** Makes a service that was started with the fault 'later' suffer one from now on. */
export async function suffer({ dataDir, output, pid }: Service, name: string): Promise<void> {
  writeFileSync(faultFile(dataDir), name)
  process.kill(pid, 'SIGUSR2')
  await until(() => output.includes(sufferedLine(name)))
}

/** Where a service is told what to suffer. */
export const faultFile = (dataDir: string) => join(dataDir, 'fault')
/** What it says once it does. */
export const sufferedLine = (name: string) => `suffers ${name}`
