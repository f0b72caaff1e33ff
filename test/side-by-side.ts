import { globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

// Runs the test files and directories that its arguments name, or all tests, side by side, and prints their results as TAP.
// The `tap` command would put a loader of its own into each test and into each program that a test starts. That costs half a second of CPU
// each time, and users do not run the service with one.

const ROOT = join(import.meta.dirname, '..')
const TIMEOUT_S = 1800
/** One more than processors: tests and the services that they start keep the processors busy. More would only make each of them slower. */
const JOBS = availableParallelism() + 1

/** The files that take longest, which start first: else one of them would run alone at the end. */
const LONGEST = [
  'test/service/uploads.test.ts',
  'test/conformance/protocols.test.ts',
  'test/service/faults.test.ts',
  'test/service/hostile-files.test.ts',
  'test/page/uploading.test.ts',
  'test/page/watching.test.ts',
  'test/page/recording.test.ts',
  'test/service/playback.test.ts',
  'test/service/served.test.ts',
  'test/service/doctor.test.ts',
  'test/processing/presentations.test.ts',
  'test/processing/transcribe.test.ts',
  'test/processing/long-audio.test.ts',
  'test/service/compatibility.test.ts',
  'test/service/videos.test.ts',
]

/** @throws Error if a path does not exist. */
function filesOf(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path]
  return globSync(join(path, '**/*.test.ts'), { cwd: ROOT }).sort()
}

const named = process.argv.slice(2)
const files = (named.length > 0 ? named : ['test']).flatMap(filesOf)
const first = LONGEST.flatMap(filesOf).filter(file => files.includes(file))

t.setTimeout(0)
t.jobs = JOBS
for (const file of new Set([...first, ...files])) {
  // tap's `spawn` sets NODE_OPTIONS for its loader.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, file]
  const env = { ...process.env, TAP_TIMEOUT: String(TIMEOUT_S) }
  t.spawn('env', command, { at: null, cwd: ROOT, env, buffered: true, timeout: TIMEOUT_S * 1000 }, file)
}
