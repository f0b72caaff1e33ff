import type { WholeCheck } from './digest-fields.ts'

export interface Whole {
  readonly checks: readonly WholeCheck[]
  /** What is stored already, from the first byte to where the body goes on. */
  readonly stored: () => Promise<AsyncIterable<Uint8Array>>
  /** Called while that is read. @returns whether to go on. */
  readonly onStored: () => boolean
  /** Whether the upload is whole with the bytes that the body has brought; asked at its end. */
  readonly isWhole: (received: number) => boolean
}

/**
 * A body whose end is passed on only once the whole upload has the digest that it should have: an upload that has not never has all its
 * bytes, so that nothing, not even a crash, makes a video of it.
 * @throws IetfProblem 400 at the end where it has another.
 */
export async function* verifiedWhole(
  body: AsyncIterable<Uint8Array>,
  { checks, stored, onStored, isWhole }: Whole,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of await stored()) {
    if (!onStored()) return
    for (const check of checks) check.update(chunk)
  }
  let received = 0
  let last: Uint8Array | undefined
  for await (const chunk of body) {
    // The last bytes stay back; those before them may be written.
    if (chunk.byteLength === 0) {
      yield chunk
      continue
    }
    received += chunk.byteLength
    for (const check of checks) check.update(chunk)
    if (last) yield last
    last = chunk
  }
  if (isWhole(received)) for (const check of checks) check.verify()
  if (last) yield last
}
