import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ByteRange } from '../../src/objects/object-storage.ts'
import {
  BytesLostError,
  type CompletedBytes,
  type GrowingUpload,
  type UploadBytes,
  type Written,
} from '../../src/uploads/bytes/upload-bytes.ts'

/** The parts that hold an upload's bytes, in order. */
interface PartsState {
  readonly parts: readonly Part[]
}

interface Part {
  readonly key: string
  /** Bytes. */
  readonly size: number
}

/** How many bytes are collected before they are reported as durable. */
const REPORT_BYTES = 100_000

/**
 * Growing uploads in memory, as write-once parts that the state names: as on an object storage, nothing can be written into the middle of
 * what is there. It shares no code with the disk.
 */
export class MemoryUploadBytes implements UploadBytes<PartsState> {
  readonly #objects: Map<string, Buffer>
  readonly #parts: Map<string, Buffer>

  /** @param objects where finished objects go. @param parts of another instance, to go on with its uploads. */
  constructor(objects: Map<string, Buffer>, parts = new Map<string, Buffer>()) {
    this.#objects = objects
    this.#parts = parts
  }

  async create(): Promise<void> {}

  async append(
    upload: GrowingUpload<PartsState>,
    source: AsyncIterable<Uint8Array>,
    onDurable: (offset: number, state: PartsState | null) => Promise<void>,
  ): Promise<Written<PartsState>> {
    let written: Written<PartsState> = { offset: upload.offset, state: this.#until(upload) }
    let collected: Uint8Array[] = []
    const store = async () => {
      const bytes = Buffer.concat(collected)
      collected = []
      if (bytes.length === 0) return
      const parts = [...(written.state?.parts ?? []), this.#newPart(upload.id, bytes)]
      written = { offset: written.offset + bytes.length, state: { parts } }
      await onDurable(written.offset, written.state)
    }
    let failure: { error: unknown } | undefined
    try {
      for await (const chunk of source) {
        collected.push(Buffer.from(chunk))
        const size = collected.reduce((sum, { length }) => sum + length, 0)
        if (chunk.length === 0 || size >= REPORT_BYTES) await store()
      }
    } catch (error) {
      failure = { error }
    }
    if (!failure || collected.length > 0) await store()
    if (failure) throw failure.error
    return written
  }

  async read(upload: GrowingUpload<PartsState>, { start, end }: ByteRange): Promise<Readable> {
    const bytes = upload.object ? this.#objects.get(upload.object)! : this.#bytesOf(upload)
    return Readable.from([bytes.subarray(start, end + 1)])
  }

  async size(upload: GrowingUpload<PartsState>): Promise<number> {
    return this.#bytesOf(upload).length
  }

  async complete(upload: GrowingUpload<PartsState>): Promise<CompletedBytes> {
    const bytes = this.#bytesOf(upload)
    if (bytes.length < upload.offset) throw new BytesLostError()
    const key = `finished/${upload.id}`
    this.#objects.set(key, bytes.subarray(0, upload.offset))
    return { key, leftovers: [] }
  }

  async concatenate(keys: readonly string[], id: string): Promise<CompletedBytes> {
    const key = `finished/${id}`
    this.#objects.set(key, Buffer.concat(keys.map(each => this.#objects.get(each)!)))
    return { key, leftovers: [] }
  }

  keys(id: string): readonly string[] {
    return [`finished/${id}`]
  }

  async remove(id: string): Promise<void> {
    for (const key of [...this.#parts.keys()]) if (key.startsWith(`${id} `)) this.#parts.delete(key)
    this.#objects.delete(`finished/${id}`)
  }

  #bytesOf({ state }: GrowingUpload<PartsState>): Buffer {
    return Buffer.concat((state?.parts ?? []).map(({ key }) => this.#parts.get(key) ?? Buffer.alloc(0)))
  }

  /** The state up to the upload's offset: where that lies inside of a part, its first bytes become a part of their own. */
  #until({ id, state, offset }: GrowingUpload<PartsState>): PartsState | null {
    let left = offset
    const parts: Part[] = []
    for (const part of state?.parts ?? []) {
      if (left === 0) break
      const bytes = this.#parts.get(part.key)
      if (!bytes) throw new BytesLostError()
      const size = Math.min(left, part.size)
      parts.push(size === part.size ? part : this.#newPart(id, bytes.subarray(0, size)))
      left -= size
    }
    if (left > 0) throw new BytesLostError()
    return parts.length === 0 ? null : { parts }
  }

  #newPart(id: string, bytes: Buffer): Part {
    const key = `${id} ${randomUUID()}`
    this.#parts.set(key, bytes)
    return { key, size: bytes.length }
  }
}
