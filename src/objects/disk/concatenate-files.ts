import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import { syncData } from './durable-writer.ts'

/** More than can be left when a copy has failed for want of room. */
const PROBE_BYTES = 1024 * 1024

/**
 * Makes a file of others, one behind the other; durable. They stay as they are, and nothing is left in the target where it fails.
 * @param target replaced; it has to exist. @param total bytes of all sources together. @returns its size in bytes.
 * @throws Error, StorageLostError
 */
export async function concatenateFiles(
  sources: readonly string[],
  target: string,
  total: number,
): Promise<number> {
  const file = await open(target, 'r+')
  try {
    await file.truncate(0)
    await cat(sources, file.fd).catch(error => explainByWriting(file, error))
    await syncData(file)
    const { size } = await file.stat()
    if (size !== total) throw new Error(`concatenated ${size} bytes of ${total}`)
    return size
  } catch (error) {
    await file.truncate(0)
    throw error
  } finally {
    await file.close()
  }
}

/** cat says what went wrong in words only: a write of our own gets the errno when the disk takes no more. */
async function explainByWriting(file: FileHandle, error: unknown): Promise<never> {
  const { size } = await file.stat()
  await file.write(new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, size)
  throw error
}

/** cat has the kernel copy from file to file (copy_file_range), which Node cannot ask for. */
async function cat(paths: readonly string[], output: number): Promise<void> {
  const child = spawn('cat', ['--', ...paths], { stdio: ['ignore', output, 'pipe'] })
  let said = ''
  child.stderr?.on('data', chunk => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`cat failed: ${said.trim()}`)
}
