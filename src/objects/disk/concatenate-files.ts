import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import { syncData } from './durable-writer.ts'

/** More bytes than are free after a copy has failed because the disk is full. */
const PROBE_BYTES = 1024 * 1024

/**
 * Joins files into one, durably. If that fails, the target is empty.
 * @param target an existing file, which is overwritten. @param total bytes of all sources together. @returns the size of the target in bytes.
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

/** cat reports its failure only as text. If the disk is full, a write of this process gets the errno. */
async function explainByWriting(file: FileHandle, error: unknown): Promise<never> {
  const { size } = await file.stat()
  await file.write(new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, size)
  throw error
}

/** cat lets the kernel copy from file to file (copy_file_range), which Node does not offer. */
async function cat(paths: readonly string[], output: number): Promise<void> {
  const child = spawn('cat', ['--', ...paths], { stdio: ['ignore', output, 'pipe'] })
  let message = ''
  child.stderr?.on('data', chunk => {
    message += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`cat failed: ${message.trim()}`)
}
