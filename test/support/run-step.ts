import { copyFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Logger, pino } from 'pino'
import { v7 as uuid } from 'uuid'
import type { Db } from '../../src/database/schema.ts'
import { probe } from '../../src/processing/media/probe.ts'
import type { MadeFile, Step, StepResult } from '../../src/processing/step.ts'
import type { SourceRow } from '../../src/videos/catalogue/videos.ts'
import type { VideoFacts } from '../../src/videos/pipeline/steps.ts'
import { diskStorage } from './storages.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export interface RunStepOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (percent: number) => void
  /** What `probe` found, so that it is not asked again. */
  readonly facts?: VideoFacts
  /** Without one, nothing is logged. */
  readonly log?: Logger
}

export type Made = Omit<StepResult, 'files'> & {
  /** The files by their kind. */
  readonly files: Readonly<Partial<Record<MadeFile['kind'], MadeFile>>>
}

/** What `probe` finds out about a file. */
export async function factsOf(path: string): Promise<VideoFacts> {
  const { facts } = await runStep(probe, path, { facts: {} as VideoFacts })
  return facts!
}

/** Runs one step on a file, without catalogue or worker. What it makes is there until the test file ends. */
export async function runStep(step: Step, path: string, options: RunStepOptions = {}): Promise<Made> {
  const { signal = new AbortController().signal, onProgress = () => {} } = options
  const facts = options.facts ?? (await factsOf(path))
  const root = throwAwayDirectory('step')
  const storage = diskStorage(join(path, '..')).objects
  const { size } = await stat(path)
  const video = { id: uuid(), storage_key: basename(path), size, ...facts } as unknown as SourceRow
  const result = await step.run({
    video,
    // Steps that need the catalogue are tested in it.
    db: undefined as unknown as Db,
    storage,
    log: options.log ?? pino({ level: 'silent' }),
    directory: root,
    signal,
    progress: onProgress,
    lastAttempt: true,
  })
  const files = Object.fromEntries((result.files ?? []).map(file => [file.kind, file]))
  return { ...result, files }
}

/** A copy of a file that a test may change. */
export async function copyOf(path: string): Promise<string> {
  const copy = join(throwAwayDirectory('copy'), basename(path))
  await copyFile(path, copy)
  return copy
}
