import { access, constants, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Logger } from 'pino'
import { StartError } from '../../base/errors.ts'
import { faultOf, faultOfFfmpeg } from '../programs/machine-faults.ts'
import { runConfined } from '../programs/sandbox.ts'

const TIMEOUT_S = 60

/**
 * Checks the programs and directories that every step needs. A full disk is only a warning, because deleting videos frees space.
 * @throws StartError that names the missing program or directory.
 */
export async function checkWorkerRequirements(workDirectory: string, log: Logger): Promise<void> {
  await requireTemporaryDirectory()
  const signal = AbortSignal.timeout(TIMEOUT_S * 1000)
  const full = await fullDisk(workDirectory)
  const fault = full ?? (await faultOfFfmpeg([], signal)) ?? (await requireFfprobe(signal))
  if (!fault) return
  const { code, message, cause } = fault
  if (code === 'ffmpeg_missing' || code === 'ffmpeg_broken') {
    throw new StartError(`${message} Install ffmpeg with ffprobe, or correct PATH.${detailOf(cause)}`)
  }
  log.warn({ code, ...(cause instanceof Error && { detail: cause.message }) }, message)
}

async function requireTemporaryDirectory(): Promise<void> {
  const directory = tmpdir()
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be written to (${code})`
    throw new StartError(
      `TMPDIR: the directory ${directory} ${problem}. Media programs need it for their own directories.`,
    )
  }
}

async function fullDisk(workDirectory: string) {
  await mkdir(workDirectory).catch(() => {})
  return faultOf([workDirectory])
}

async function requireFfprobe(signal: AbortSignal): Promise<undefined> {
  const limits = { seconds: TIMEOUT_S, memory: 256 * 2 ** 20, fileSize: 0 }
  const { code } = await runConfined(['ffprobe', '-version'], { limits, signal })
  if (code !== 0)
    throw new StartError("ffprobe is not installed on the worker's machine. It is part of ffmpeg.")
}

function detailOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message.trim() : ''
  return text && ` (${text.slice(-300)})`
}
