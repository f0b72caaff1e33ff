import { StorageLostError } from '../object-storage.ts'
import type { Multipart, S3Bucket } from './s3-bucket.ts'
import { isMultipartGone } from './s3-errors.ts'
import { inParallel } from './s3-parallel.ts'
import { isMadeOf, type Part, partBytes, sizeOf } from './s3-parts.ts'

/** Maximum number of parts of an object that are sent in parallel. */
const PARALLEL_PARTS = 4

/**
 * Creates an object from bodies: a single body with one request, several with a multipart upload. If this fails, nothing is left.
 * @param bodies each has `partBytes(number)` bytes, except the last one. @returns the size in bytes.
 */
export async function store(
  bucket: S3Bucket,
  key: string,
  bodies: AsyncIterable<Uint8Array>,
): Promise<number> {
  const source = bodies[Symbol.asyncIterator]()
  const first = await source.next()
  const second = first.done ? first : await source.next()
  if (second.done) {
    const body = first.done ? new Uint8Array(0) : first.value
    await bucket.put(key, body)
    return body.byteLength
  }
  const multipart = await bucket.begin(key)
  try {
    const all = following([first.value, second.value], source)
    const parts = await inParallel(all, PARALLEL_PARTS, (body, index) =>
      bucket.uploadPart(multipart, index + 1, body),
    )
    await completeWhole(bucket, multipart, parts)
    return sizeOf(parts)
  } catch (error) {
    await bucket.abort(multipart).catch(() => {})
    throw error
  }
}

/**
 * Completes a multipart upload and verifies the object. If the upload is gone, it may have been completed before, by a request whose response
 * was lost or before a crash. @throws StorageLostError if there is no object of exactly these parts.
 */
export async function completeWhole(
  bucket: S3Bucket,
  multipart: Multipart,
  parts: readonly Part[],
): Promise<void> {
  const gone = await bucket.complete(multipart, parts).then(
    () => undefined,
    error => {
      if (isMultipartGone(error)) return error
      throw error
    },
  )
  const made = await bucket.head(multipart.key)
  if (!made || !isMadeOf(made, parts))
    throw new StorageLostError(
      gone ?? new Error(`The object ${multipart.key} has ${made?.size} bytes instead of ${sizeOf(parts)}.`),
    )
}

/** Divides a stream into the bodies of parts. */
export async function* inParts(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let number = 1
  let collected: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    let rest = chunk
    while (size + rest.byteLength >= partBytes(number)) {
      const taken = partBytes(number) - size
      yield Buffer.concat([...collected, rest.subarray(0, taken)])
      rest = rest.subarray(taken)
      collected = []
      size = 0
      number++
    }
    // Copied, because the source may reuse its buffer.
    if (rest.byteLength > 0) collected.push(Buffer.from(rest))
    size += rest.byteLength
  }
  if (size > 0) yield Buffer.concat(collected)
}

async function* following(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}
