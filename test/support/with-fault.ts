import { join } from 'node:path'

/** Settings for `startService` that make the program suffer one of the faults of `fault.ts`. */
export function withFault(name: string): Record<'FAULT' | 'NODE_OPTIONS', string> {
  return { FAULT: name, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'fault.ts')}` }
}
