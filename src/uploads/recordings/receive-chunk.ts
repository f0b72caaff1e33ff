import { createHash } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { chunksPrefix } from '../core/recording-end.ts'
import type { Room } from '../core/room.ts'
import type { RecordingsParts } from './recordings-deps.ts'

/** A piece's body. */
export interface IncomingPiece {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Called with each part of the body. */
  readonly update?: (chunk: Uint8Array) => void
  /** Called once the bytes have ended. @throws where they are not all, or not those that the client meant. */
  readonly verify: () => void
}

/** A piece whose bytes are durable and belong to nobody yet. */
export interface ReceivedPiece {
  readonly key: string
  readonly size: number
  /** In hex. */
  readonly sha256: string
  readonly room: Room
}

/**
 * Makes a piece durable, as an object that belongs to nobody yet. Nothing is kept if that fails.
 * @throws ApiError 413 if there is no room in its owner's quota, 507 if there is none on the disk; and what the body throws.
 */
export async function receivePiece(
  { storage, reserve, locks }: RecordingsParts,
  id: string,
  piece: IncomingPiece,
  room: Room,
): Promise<ReceivedPiece> {
  const key = `${chunksPrefix(id.toLowerCase())}${uuid()}`
  const hash = createHash('sha256')
  const requireTenure = locks.tenure()
  let taken = 0
  const observed = observe(piece.bytes, async chunk => {
    requireTenure()
    taken += chunk.byteLength
    await room.require(taken)
    hash.update(chunk)
    piece.update?.(chunk)
  })
  try {
    await reserve.requireHeld()
    await room.require(0)
    const size = await storage.write(key, observed)
    piece.verify()
    return { key, size, sha256: hash.digest('hex'), room }
  } catch (error) {
    await room.release()
    await storage.remove(key)
    throw error
  }
}

async function* observe(
  bytes: AsyncIterable<Uint8Array>,
  observer: (chunk: Uint8Array) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    await observer(chunk)
    yield chunk
  }
}
