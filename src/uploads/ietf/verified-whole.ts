import type { WholeCheck } from './digest-fields.ts'

export interface Whole {
  readonly checks: readonly WholeCheck[]
  /** Reads the stored bytes before the body. */
  readonly stored: () => Promise<AsyncIterable<Uint8Array>>
  /** Called for each chunk of the stored bytes. @returns whether to continue. */
  readonly onStored: () => boolean
  /** Called at the end of the body. @returns whether the upload is complete after `received` bytes of the body. */
  readonly isWhole: (received: number) => boolean
}

/**
 * Checks the digest of the whole upload before it passes on the last bytes of the body. So an upload with a wrong digest never has all its
 * bytes, and never becomes a video, even after a crash.
 * @throws IetfProblem 400 at the end of the body if the digest differs.
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
    // Hold back the latest chunk and pass on the chunk before it.
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
