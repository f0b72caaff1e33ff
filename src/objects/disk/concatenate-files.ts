import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import { syncData } from './durable-writer.ts'

/** Number of bytes that a full disk cannot store. */
const PROBE_BYTES = 1024 * 1024

/**
 * Joins files into one, durably. If that fails, the target is empty.
 * @param target an existing file, which is overwritten. @param total size of all sources together in bytes. @returns the size of the target.
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

/** cat reports a failure only as text. If the disk is full, this write fails with the errno. */
async function explainByWriting(file: FileHandle, error: unknown): Promise<never> {
  const { size } = await file.stat()
  await file.write(new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, size)
  throw error
}

/** Copies with `cat`, which makes the kernel copy from file to file (copy_file_range). Node has no function for that. */
async function cat(paths: readonly string[], output: number): Promise<void> {
  const child = spawn('cat', ['--', ...paths], { stdio: ['ignore', output, 'pipe'] })
  let message = ''
  child.stderr?.on('data', chunk => {
    message += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`cat failed: ${message.trim()}`)
}
