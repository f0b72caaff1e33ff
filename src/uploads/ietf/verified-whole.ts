import type { WholeCheck } from './digest-fields.ts'

export interface Whole {
  readonly checks: readonly WholeCheck[]
  /** Reads the bytes before the body. */
  readonly stored: () => Promise<AsyncIterable<Uint8Array>>
  /** Called for each chunk of them. @returns whether to continue. */
  readonly onStored: () => boolean
  /** Whether the upload is complete after `received` bytes of the body. Called at the body's end. */
  readonly isWhole: (received: number) => boolean
}

/**
 * Passes on the last bytes of a body only after the digest of the whole upload was checked. An upload with a wrong digest never has all its
 * bytes, so nothing, not even a crash, makes a video of it.
 * @throws IetfProblem 400 at the end if the digest differs.
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
    // The last chunk is held back; those before it may be written.
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
