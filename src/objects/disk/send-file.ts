import type { FileHandle } from 'node:fs/promises'
import type { ByteRange, Take } from '../object-storage.ts'

/** Bytes of one read. Each receiver has two such buffers. */
const BUFFER_BYTES = 256 * 1024

/** Unused buffers. Allocating and dropping memory outside of V8's heap would make it collect garbage all the time. */
const spares: Buffer[] = []
const MAX_SPARES = 64

/**
 * Hands a range of a file to `take`, one buffer after the other, and reads the next one meanwhile. It uses two buffers in turns, because
 * allocating a new one for each read would cost more than reading. @throws Error if the file ends before the range does.
 */
export async function sendFile(file: FileHandle, { start, end }: ByteRange, take: Take): Promise<void> {
  let [buffer, spare] = [borrow(), borrow()]
  let at = start
  const readNext = () => file.read(buffer, 0, Math.min(BUFFER_BYTES, end - at + 1), at)
  let reading: ReturnType<typeof readNext> | undefined = readNext()
  try {
    while (reading) {
      const { bytesRead } = await reading
      if (bytesRead === 0) throw new Error(`A file ends at ${at}, before ${end + 1}.`)
      const bytes = buffer.subarray(0, bytesRead)
      ;[buffer, spare] = [spare, buffer]
      at += bytesRead
      reading = at <= end ? readNext() : undefined
      if (!(await take(bytes))) return
    }
  } finally {
    // The caller closes the file, and another request may get the buffers: no read may still be running.
    await reading?.catch(() => {})
    for (const one of [buffer, spare]) if (spares.length < MAX_SPARES) spares.push(one)
  }
}

function borrow(): Buffer {
  return spares.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
}
