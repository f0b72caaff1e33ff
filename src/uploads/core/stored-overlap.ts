/** The first difference between a body and the stored bytes. */
export interface Overlap {
  /** Offset of the first byte that differs, or the end of the shorter one. */
  readonly at: number
  /** Bytes of the body from offset `at` that have already been read; undefined if there are none. */
  readonly chunk: Uint8Array | undefined
}

/**
 * Compares a body with stored bytes until they differ or one of them ends. Stops reading the body there.
 * @param stored the stored bytes from `from`, the offset where the body begins, to `to`.
 */
export async function overlap(
  body: AsyncIterator<Uint8Array>,
  stored: AsyncIterable<Uint8Array>,
  { from, to }: { from: number; to: number },
): Promise<Overlap> {
  const known = new PortionReader(stored)
  let at = from
  while (at < to) {
    const { value: chunk, done } = await body.next()
    if (done) return { at, chunk: undefined }
    const equal = commonBytes(chunk, await known.take(Math.min(chunk.byteLength, to - at)))
    at += equal
    if (equal < chunk.byteLength) return { at, chunk: chunk.subarray(equal) }
  }
  return { at, chunk: undefined }
}

/** Reads a given number of bytes from a stream of chunks. */
class PortionReader {
  readonly #source: AsyncIterator<Uint8Array>
  #left: Uint8Array = new Uint8Array(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** @returns `size` bytes, or fewer at the end of the stream. */
  async take(size: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let missing = size
    while (missing > 0) {
      if (this.#left.byteLength === 0) {
        const { value, done } = await this.#source.next()
        if (done) break
        this.#left = value
      }
      const part = this.#left.subarray(0, missing)
      this.#left = this.#left.subarray(part.byteLength)
      missing -= part.byteLength
      parts.push(part)
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }
}

/** Number of equal bytes before the first difference. */
function commonBytes(one: Uint8Array, other: Uint8Array): number {
  const size = Math.min(one.byteLength, other.byteLength)
  if (Buffer.compare(one.subarray(0, size), other.subarray(0, size)) === 0) return size
  let equal = 0
  while (one[equal] === other[equal]) equal++
  return equal
}
