import type { FileHandle } from 'node:fs/promises'
import type { ByteRange, Take } from '../object-storage.ts'

/** Number of bytes per read. Each call of `sendFile` uses two such buffers. */
const BUFFER_BYTES = 256 * 1024

/** Unused buffers. They are reused, because allocating memory outside V8's heap for each request would cause constant garbage collection. */
const spares: Buffer[] = []
const MAX_SPARES = 64

/**
 * Passes a range of a file to `take`, and reads the next buffer at the same time. It alternates between two buffers, because allocating
 * memory for each read would take longer than reading. @throws Error if the file ends before the range.
 */
export async function sendFile(file: FileHandle, { start, end }: ByteRange, take: Take): Promise<void> {
  let [buffer, spare] = [borrow(), borrow()]
  let at = start
  const readNext = () => file.read(buffer, 0, Math.min(BUFFER_BYTES, end - at + 1), at)
  let reading: ReturnType<typeof readNext> | undefined = readNext()
  try {
    while (reading) {
      const { bytesRead } = await reading
      if (bytesRead === 0) throw new Error(`The file ends at byte ${at}, before byte ${end + 1}.`)
      const bytes = buffer.subarray(0, bytesRead)
      ;[buffer, spare] = [spare, buffer]
      at += bytesRead
      reading = at <= end ? readNext() : undefined
      if (!(await take(bytes))) return
    }
  } finally {
    // Wait for the current read, because the caller closes the file and another request may get the buffers.
    await reading?.catch(() => {})
    for (const one of [buffer, spare]) if (spares.length < MAX_SPARES) spares.push(one)
  }
}

function borrow(): Buffer {
  return spares.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
}
