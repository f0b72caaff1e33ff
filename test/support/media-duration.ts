import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The duration that a media file states, in seconds. */
export async function durationOf(path: string): Promise<number> {
  const entries = ['-show_entries', 'format=duration', '-of', 'csv=p=0']
  return Number((await run('ffprobe', ['-v', 'error', ...entries, path])).stdout)
}
