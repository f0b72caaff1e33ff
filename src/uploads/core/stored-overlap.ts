/** Where a body stops being what is stored already. */
export interface Overlap {
  /** Offset of the first byte that is not the same, or not there on one of the sides. */
  readonly at: number
  /** What the body has brought from there on so far; undefined when it has ended. */
  readonly chunk: Uint8Array | undefined
}

/**
 * Compares a body with the bytes that are stored where it begins, as far as both go. Reads no more of the body than that takes.
 * @param stored the bytes from `from` to `to`.
 */
export async function overlap(
  body: AsyncIterator<Uint8Array>,
  stored: AsyncIterable<Uint8Array>,
  { from, to }: { from: number; to: number },
): Promise<Overlap> {
  const known = new Taker(stored)
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

/** Bytes of a stream, as many at a time as somebody asks for. */
class Taker {
  readonly #source: AsyncIterator<Uint8Array>
  #left: Uint8Array = new Uint8Array(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** @returns fewer only when there are no more. */
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

/** How many bytes two have in common before the first that differs. */
function commonBytes(one: Uint8Array, other: Uint8Array): number {
  const size = Math.min(one.byteLength, other.byteLength)
  if (Buffer.compare(one.subarray(0, size), other.subarray(0, size)) === 0) return size
  let equal = 0
  while (one[equal] === other[equal]) equal++
  return equal
}
