import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { lowerSessionPriority } from '../src/processing/programs/session-priority.ts'

// Runs `side-by-side.ts` in a session of its own, with a lower priority. Several tests at a time keep all processors busy, and programs that
// services start in sessions of their own would get little of them otherwise: least of all beside the session that the kernel began, whose
// priority cannot be changed and in which some CI systems run everything.

/** With it ffmpeg gets a quarter of a processor beside busy tests, and the tests a quarter beside other work of the machine. */
const TESTS_NICENESS = 5

const FORWARDED = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

const args = [join(import.meta.dirname, 'side-by-side.ts'), ...process.argv.slice(2)]
const tests = spawn(process.execPath, args, { detached: true, stdio: 'inherit' })
lowerSessionPriority(tests, TESTS_NICENESS)
for (const signal of FORWARDED) process.on(signal, () => process.kill(-tests.pid!, signal))
const [code] = await once(tests, 'exit')
process.exitCode = code ?? 1
