import { v7 as uuid } from 'uuid'
import { sha256Stream } from '../../base/hash.ts'
import { chunksPrefix } from '../core/recording-end.ts'
import type { SpaceReservation } from '../core/space-reservations.ts'
import type { RecordingsDeps } from './recordings-deps.ts'

/** The body of a chunk. */
export interface ChunkBody {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Called with each piece of the body as it arrives. */
  readonly update?: (bytes: Uint8Array) => void
  /** Called after the last byte. @throws ApiError if bytes are missing or wrong. */
  readonly verify: () => void
}

/** A chunk whose bytes are durable but which has no row yet. */
export interface ReceivedChunk {
  readonly key: string
  readonly size: number
  /** In hex. */
  readonly sha256: string
  readonly reservation: SpaceReservation
}

/**
 * Stores a chunk durably as an object of its own, without a row. Removes the object if this fails.
 * @throws ApiError 413 if the chunk exceeds its owner's quota, 507 if the disk is full; and the errors of the body.
 */
export async function receiveChunk(
  { storage, reserve }: RecordingsDeps,
  id: string,
  chunk: ChunkBody,
  reservation: SpaceReservation,
): Promise<ReceivedChunk> {
  const key = `${chunksPrefix(id.toLowerCase())}${uuid()}`
  const hash = sha256Stream()
  let taken = 0
  const observed = observe(chunk.bytes, async part => {
    taken += part.byteLength
    await reservation.require(taken)
    hash.update(part)
    chunk.update?.(part)
  })
  try {
    await reserve.requireHeld()
    await reservation.require(0)
    const size = await storage.write(key, observed)
    chunk.verify()
    return { key, size, sha256: hash.digest('hex'), reservation }
  } catch (error) {
    await reservation.release()
    await storage.remove(key)
    throw error
  }
}

async function* observe(
  bytes: AsyncIterable<Uint8Array>,
  observer: (part: Uint8Array) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    await observer(part)
    yield part
  }
}
