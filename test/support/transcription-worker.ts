import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { pino } from 'pino'
import { LocalSignal } from '../../src/base/signal.ts'
import type { SpeechToTextConfig } from '../../src/config/config.ts'
import type { Schema } from '../../src/database/schema.ts'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import { OpenAiSpeech } from '../../src/processing/speech/openai-speech.ts'
import type { Step } from '../../src/processing/step.ts'
import { createSteps } from '../../src/processing/steps.ts'
import { Worker } from '../../src/processing/worker/worker.ts'
import { diskStorage } from './storages.ts'
import { until } from './until.ts'

const log = pino({ level: 'silent' })

/** Stands for the steps that transcription does not need. */
const skipped: Step = { stallTimeoutS: 60, run: async () => ({ skipped: 'no_video' }) }

/** Runs a worker with the steps that lead to a transcript until the check is met, for a time in ms at most, and stops it in the middle of whatever it does. */
export async function workUntil(
  db: Kysely<Schema>,
  directory: string,
  config: SpeechToTextConfig,
  check: () => Promise<unknown> | unknown,
  timeout = 120_000,
): Promise<void> {
  const queue = new MemoryQueue(log)
  const signal = new LocalSignal()
  const worker = new Worker({
    db,
    queue,
    storage: diskStorage(directory).objects,
    log,
    steps: { ...createSteps(new OpenAiSpeech(config), 0.1), playback: skipped, poster: skipped },
    workDirectory: join(directory, 'work'),
    // A commit starts the next step; the sweep only finds steps whose back-off is over.
    sweepIntervalS: 1,
    signal,
  })
  signal.on('events', () => worker.wake())
  worker.start()
  try {
    await until(check, { timeout })
  } finally {
    await worker.stop()
    await queue.close()
  }
}
