import { randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Bytes in a temporary file without a name. The system removes it when the process ends, even after a crash. */
export interface Spool {
  readonly bytes: AsyncIterable<Buffer>
  close(): Promise<void>
}

/** Writes a body to a temporary file. This is necessary for a chunk that arrives before the field that names its recording. */
export async function spool(body: AsyncIterable<Buffer>): Promise<Spool> {
  const path = join(tmpdir(), `longtake-chunk-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  try {
    for await (const chunk of body) await file.appendFile(chunk)
  } catch (error) {
    await file.close()
    throw error
  }
  return { bytes: file.createReadStream({ start: 0, autoClose: false }), close: () => file.close() }
}
