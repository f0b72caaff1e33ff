import { randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Bytes that wait in a temporary file. It has no name: whatever ends the process, nothing is left of it. */
export interface Spool {
  readonly bytes: AsyncIterable<Buffer>
  close(): Promise<void>
}

/** Writes a body to a temporary file, for a chunk that comes before the field that says what it belongs to. */
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
