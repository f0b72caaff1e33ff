import { setTimeout as sleep } from 'node:timers/promises'
import { announce } from '../database/announce.ts'
import { checkDirectories, checkUnknownFiles } from './check-files.ts'
import { checkHashes } from './check-hashes.ts'
import { checkEvents, checkLeases, checkRemovals, checkRestored, checkSearch } from './check-queues.ts'
import { checkArtifacts, checkChunks, checkFinished, checkSources, checkUploads } from './check-rows.ts'
import type { Check, Finding, FindingKind, Installation } from './finding.ts'

/** Time between the two passes. It must be longer than a change of a row and its file takes. */
const SECOND_PASS_MS = 3000

const CHECKS: readonly Check[] = [
  ...[checkSources, checkArtifacts, checkUploads, checkFinished, checkChunks],
  ...[checkUnknownFiles, checkDirectories],
  ...[checkLeases, checkEvents, checkRemovals, checkSearch, checkRestored],
]

export interface ExamineOptions {
  /** Whether to read all files and compare their hashes. */
  readonly deep: boolean
  readonly repair: boolean
}

/** One line of the command's output. */
export type DoctorEvent =
  | { readonly progress: string }
  | {
      readonly finding: { readonly kind: FindingKind; readonly subject: string; readonly message: string }
      /** The result of `--repair`, or the reason why it failed. */
      readonly repair?: string
    }
  | { readonly end: { /** Their number. */ readonly findings: number } }

/**
 * Compares rows and files while the service runs. A row and its file differ for a moment while either is being created or deleted, so only a
 * difference that both passes find is reported. @throws errors of the database and the disk, or the signal's reason.
 */
export async function* examine(
  installation: Installation,
  { deep, repair }: ExamineOptions,
  signal?: AbortSignal,
): AsyncGenerator<DoctorEvent> {
  let findings = 0
  yield { progress: 'Comparing rows and files.' }
  for (const finding of await findLasting(installation, signal)) {
    findings++
    yield await reported(finding, repair)
  }
  if (deep) {
    for await (const item of checkHashes(installation, signal)) {
      if ('progress' in item) yield item
      else {
        findings++
        yield await reported(item, repair)
      }
    }
  }
  // A repair can make steps due, and the worker can be another process.
  if (repair && findings > 0) await announceSteps(installation)
  yield { end: { findings } }
}

async function announceSteps({ db, signal }: Installation): Promise<void> {
  if (signal) signal.emit('steps')
  else await announce(db, 'steps')
}

async function findLasting(installation: Installation, signal: AbortSignal | undefined): Promise<Finding[]> {
  const first = await findAll(installation, signal)
  if (first.size === 0) return []
  await sleep(SECOND_PASS_MS, undefined, signal ? { signal } : {})
  const second = await findAll(installation, signal)
  return [...second].filter(([name]) => first.has(name)).map(([, finding]) => finding)
}

async function findAll(
  installation: Installation,
  signal: AbortSignal | undefined,
): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>()
  for (const check of CHECKS) {
    for await (const finding of check(installation)) {
      signal?.throwIfAborted()
      found.set(`${finding.kind} ${finding.subject}`, finding)
    }
  }
  return found
}

async function reported({ repair, ...finding }: Finding, isWanted: boolean): Promise<DoctorEvent> {
  if (!repair || !isWanted) return { finding }
  try {
    return { finding, repair: await repair() }
  } catch (error) {
    return { finding, repair: `The repair failed: ${(error as Error).message}` }
  }
}
