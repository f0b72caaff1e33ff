import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Test } from 'tap'
import { LocalSignal } from '../../src/base/signal.ts'
import type { Schema } from '../../src/database/schema.ts'
import type { StepName } from '../../src/database/tables/steps.ts'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import type { Step, StepContext, StepResult } from '../../src/processing/step.ts'
import { Worker } from '../../src/processing/worker/worker.ts'
import { nothingIsLeft } from './nothing-left.ts'
import { recordedLog } from './recorded-log.ts'
import { diskStorage } from './storages.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export type Run = (context: StepContext) => Promise<StepResult>

/** A worker with steps that end at once, but for those given. */
export async function setUpWorker(
  t: Test,
  db: Kysely<Schema>,
  runs: Partial<Record<StepName, Run>> = {},
  { stallTimeoutS = 60, sweepIntervalS = 0.1 } = {},
) {
  await db.deleteFrom('videos').execute()
  const { log, lines } = recordedLog()
  const directory = throwAwayDirectory('worker')
  const workDirectory = join(directory, 'work')
  const storage = diskStorage(directory).objects
  const queue = new MemoryQueue(log)
  const step = (run: Run = async () => ({})): Step => ({ stallTimeoutS, run })
  const { probe, playback, poster, audio, transcribe } = runs
  const steps = {
    probe: step(probe),
    playback: step(playback),
    poster: step(poster),
    audio: step(audio),
    transcribe: step(transcribe),
  }
  const worker = new Worker({
    db,
    queue,
    storage,
    log,
    steps,
    workDirectory,
    sweepIntervalS,
    signal: new LocalSignal(),
  })
  t.teardown(async () => {
    await worker.stop()
    await queue.close()
    await nothingIsLeft(db, directory)
  })
  return { worker, queue, storage, directory, workDirectory, messages: () => lines.map(line => line.msg) }
}

/** A step that makes an audio file, and ends when it is let. */
export function heldUp() {
  const begun = Promise.withResolvers<StepContext>()
  const go = Promise.withResolvers<void>()
  const run: Run = async context => {
    const path = join(context.directory, 'made.mp3')
    await writeFile(path, `sound of attempt in ${context.directory}`)
    begun.resolve(context)
    await go.promise
    return {
      files: [{ kind: 'audio', path, extension: '.mp3', contentType: 'audio/mpeg', details: {} }],
    }
  }
  return { run, begun: begun.promise, go: go.resolve }
}

/** A step that does nothing until it is told to end. */
export const stuck: Run = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
