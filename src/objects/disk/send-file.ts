import type { FileHandle } from 'node:fs/promises'
import type { ByteRange, Take } from '../object-storage.ts'

/** Bytes that are read at a time: two of it are in memory for each receiver. */
const PIECE = 256 * 1024

/** Buffers that nobody uses now. Memory outside of its heap that comes and goes would make V8 collect garbage all the time. */
const spares: Buffer[] = []
const MAX_SPARES = 64

/**
 * Hands a range of a file to `take` piece by piece, and reads the next one meanwhile. Two buffers do for all of it: to allocate one for
 * each piece would cost more than reading. @throws Error where the file ends before the range does.
 */
export async function sendFile(file: FileHandle, { start, end }: ByteRange, take: Take): Promise<void> {
  let [buffer, spare] = [borrow(), borrow()]
  let at = start
  const readNext = () => file.read(buffer, 0, Math.min(PIECE, end - at + 1), at)
  let reading: ReturnType<typeof readNext> | undefined = readNext()
  try {
    while (reading) {
      const { bytesRead } = await reading
      if (bytesRead === 0) throw new Error(`A file ends at ${at}, before ${end + 1}.`)
      const piece = buffer.subarray(0, bytesRead)
      ;[buffer, spare] = [spare, buffer]
      at += bytesRead
      reading = at <= end ? readNext() : undefined
      if (!(await take(piece))) return
    }
  } finally {
    // Nothing may read into memory, or from a file, that has been given back.
    await reading?.catch(() => {})
    for (const one of [buffer, spare]) if (spares.length < MAX_SPARES) spares.push(one)
  }
}

function borrow(): Buffer {
  return spares.pop() ?? Buffer.allocUnsafeSlow(PIECE)
}
