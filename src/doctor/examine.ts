import { setTimeout as sleep } from 'node:timers/promises'
import { announce } from '../database/announce.ts'
import { checkDirectories, checkUnknownFiles } from './check-files.ts'
import { checkHashes } from './check-hashes.ts'
import { checkEvents, checkLeases, checkRemovals, checkRestored, checkSearch } from './check-queues.ts'
import { checkArtifacts, checkChunks, checkFinished, checkSources, checkUploads } from './check-rows.ts'
import type { Check, Finding, FindingKind, Patient } from './finding.ts'

/** Milliseconds between the two looks: longer than a change of rows and files takes that belong together. */
const SECOND_LOOK_MS = 3000

const CHECKS: readonly Check[] = [
  ...[checkSources, checkArtifacts, checkUploads, checkFinished, checkChunks],
  ...[checkUnknownFiles, checkDirectories],
  ...[checkLeases, checkEvents, checkRemovals, checkSearch, checkRestored],
]

export interface ExamineOptions {
  /** Whether files are read and compared with their hashes. */
  readonly deep: boolean
  readonly repair: boolean
}

/** What the command prints, one line each. */
export type DoctorEvent =
  | { readonly progress: string }
  | {
      readonly finding: { readonly kind: FindingKind; readonly subject: string; readonly message: string }
      /** What `--repair` did, or why it could not. */
      readonly repair?: string
    }
  | { readonly end: { readonly findings: number } }

/**
 * Compares rows and files while the service runs: something that is being made, finished or deleted right now differs for a moment, so only
 * what two looks find is a finding. @throws what the database or the disk throws, or the signal's reason.
 */
export async function* examine(
  patient: Patient,
  { deep, repair }: ExamineOptions,
  signal?: AbortSignal,
): AsyncGenerator<DoctorEvent> {
  let findings = 0
  yield { progress: 'Comparing rows and files.' }
  for (const finding of await findLasting(patient, signal)) {
    findings++
    yield await treat(finding, repair)
  }
  if (deep) {
    for await (const item of checkHashes(patient, signal)) {
      if ('progress' in item) yield item
      else {
        findings++
        yield await treat(item, repair)
      }
    }
  }
  // A repair may have made steps due, and the worker may be another process.
  if (repair && findings > 0) await announceSteps(patient)
  yield { end: { findings } }
}

async function announceSteps({ db, signal }: Patient): Promise<void> {
  if (signal) signal.emit('steps')
  else await announce(db, 'steps')
}

async function findLasting(patient: Patient, signal: AbortSignal | undefined): Promise<Finding[]> {
  const first = await look(patient, signal)
  if (first.size === 0) return []
  await sleep(SECOND_LOOK_MS, undefined, signal ? { signal } : {})
  const second = await look(patient, signal)
  return [...second].filter(([name]) => first.has(name)).map(([, finding]) => finding)
}

async function look(patient: Patient, signal: AbortSignal | undefined): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>()
  for (const check of CHECKS) {
    for await (const finding of check(patient)) {
      signal?.throwIfAborted()
      found.set(`${finding.kind} ${finding.subject}`, finding)
    }
  }
  return found
}

async function treat({ repair, ...finding }: Finding, isWanted: boolean): Promise<DoctorEvent> {
  if (!repair || !isWanted) return { finding }
  try {
    return { finding, repair: await repair() }
  } catch (error) {
    return { finding, repair: `It could not be repaired: ${(error as Error).message}` }
  }
}
