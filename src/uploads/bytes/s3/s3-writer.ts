import { randomUUID } from 'node:crypto'
import type { Multipart, S3Bucket } from '../../../objects/s3/s3-bucket.ts'
import { explainS3Failure, isMultipartGone } from '../../../objects/s3/s3-errors.ts'
import { MAX_PARTS, MIN_PART_BYTES, type Part, partBytes, sizeOf } from '../../../objects/s3/s3-parts.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { gather, wholes } from './s3-join.ts'
import { bytesIn, type Live } from './s3-live-uploads.ts'
import { explainGone, seal } from './s3-seal.ts'
import { type Extent, type Layout, prefixOf, type S3State, stateOf } from './s3-state.ts'

/** Maximum number of parts of an upload that are sent in parallel. */
const PARALLEL_PARTS = 4
/** Interval at which bytes are stored and reported while more bytes arrive. */
const INTERVAL_MS = 1000
/** Maximum number of objects in a tail. The next object replaces all of them. */
const MAX_TAIL_LENGTH = 64

export interface S3WriterDeps {
  readonly bucket: S3Bucket
  readonly budget: MemoryBudget
  readonly id: string
  /** The location of the upload's bytes; `offset` is their number. */
  readonly layout: Layout
  readonly offset: number
  /** Cached information about the upload. If it names a multipart upload of this process, more parts are added to that. */
  readonly known: Pick<Live, 'own' | 'tailBytes'>
  readonly hasStrays: boolean
  readonly onDurable: (offset: number, state: S3State | null) => Promise<void>
}

/**
 * Stores one body. Large amounts of bytes are sent as parts of a multipart upload, several in parallel while more bytes arrive; the rest is an
 * object of the tail. The service can confirm parts in any order. The offset advances over confirmed parts without a gap.
 *
 * A process adds parts only to a multipart upload that it has begun itself. It completes those of other processes to objects first, so that
 * late requests of a frozen process cannot add parts to the upload.
 */
export class S3Writer {
  readonly #deps: S3WriterDeps
  /** The layout that the service has confirmed. */
  #layout: Layout
  #offset: number
  #hasStrays: boolean
  #obsolete: string[] = []
  #reported: number
  #collected: Uint8Array[] = []
  #collectedSize = 0
  /** The tail after all current requests have succeeded, and its bytes if they are in memory. */
  #tail: readonly Extent[]
  #tailBytes: readonly Uint8Array[] | undefined
  #multipart: Promise<Multipart> | undefined
  /** The multipart upload that this process has begun, and whether a saved state may name it. */
  #own: Multipart | undefined
  #wasNamed = true
  #nextNumber: number
  /** New parts wait for this promise before they are sent. */
  #gate: Promise<void> = Promise.resolve()
  #running = new Set<Promise<unknown>>()
  /** Resolves when all requests so far are confirmed, in order. */
  #confirmed: Promise<void> = Promise.resolve()
  #reporting: Promise<void> = Promise.resolve()
  #isReporting = false
  /** Whether a report failed because another process writes to the upload. */
  #hasRefused = false
  #failure: { readonly error: unknown } | undefined
  #lastStoreMs = performance.now()
  #lastReportMs = performance.now()

  constructor(deps: S3WriterDeps) {
    const { layout, offset, known, hasStrays, budget } = deps
    this.#deps = deps
    this.#layout = layout
    this.#offset = offset
    this.#reported = offset
    this.#hasStrays = hasStrays
    this.#tail = layout.tail
    this.#tailBytes = layout.tail.length === 0 ? [] : known.tailBytes
    this.#nextNumber = known.own?.nextNumber ?? 1
    if (known.own && layout.multipart?.id === known.own.id) {
      this.#own = layout.multipart
      this.#multipart = Promise.resolve(layout.multipart)
    }
    budget.add(bytesIn(this.#tailBytes))
  }

  /** Adds a chunk. An empty chunk makes all bytes before it durable and reports them. @throws the first error of storing or reporting. */
  async push(chunk: Uint8Array): Promise<void> {
    this.#throwFailure()
    if (chunk.byteLength === 0) return this.#flush()
    this.#collected.push(chunk)
    this.#collectedSize += chunk.byteLength
    this.#deps.budget.add(chunk.byteLength)
    const now = performance.now()
    const isPart = sizeOf(this.#tail) + this.#collectedSize >= partBytes(this.#nextNumber)
    const isDue = this.#running.size === 0 && now - this.#lastStoreMs >= INTERVAL_MS
    if (isPart || isDue) await this.#store()
    if (this.#deps.budget.isShort) await this.#free()
    while (this.#running.size >= PARALLEL_PARTS) await Promise.race(this.#running)
    if (now - this.#lastReportMs >= INTERVAL_MS) this.#reportBehind()
    this.#throwFailure()
  }

  /**
   * Stores and reports the rest. Bytes that were confirmed before an error are reported too.
   * @throws the first error of storing or reporting.
   */
  async finish(): Promise<{ offset: number; state: S3State | null }> {
    try {
      await this.#flush()
      return this.reached
    } finally {
      await Promise.all(this.#running)
      this.#deps.budget.add(-this.#collectedSize - bytesIn(this.#tailBytes))
      // No saved state names this multipart upload.
      if (this.#own && this.#layout.multipart?.id !== this.#own.id && !this.#wasNamed)
        void this.#deps.bucket.abort(this.#own).catch(() => {})
    }
  }

  /** Information about the upload for the cache. */
  get known(): Pick<Live, 'own' | 'tail' | 'tailBytes' | 'obsolete'> {
    const { multipart, tail } = this.#layout
    return {
      own:
        multipart && multipart.id === this.#own?.id
          ? { id: multipart.id, nextNumber: this.#nextNumber }
          : undefined,
      tail,
      tailBytes: tail === this.#tail ? this.#tailBytes : undefined,
      obsolete: this.#obsolete,
    }
  }

  /** The offset and state that the service has confirmed. After a failure they can be ahead of the row. */
  get reached(): { offset: number; state: S3State | null } {
    return { offset: this.#offset, state: this.#state() }
  }

  /** Completes all parts so far to an object, so that they can be read. Later parts are added to a new multipart upload. */
  async seal(): Promise<void> {
    const sent = this.#confirmed
    const sealing = (async () => {
      await sent.catch(() => {})
      this.#multipart = undefined
      // No part may be added to it, even if the completion fails, because the service may still execute it.
      if (this.#layout.multipart?.id === this.#own?.id) this.#own = undefined
      await this.#sealLayout()
    })()
    this.#gate = sealing.catch(() => {})
    await sealing
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }

  #state(): S3State | null {
    return stateOf(this.#layout, this.#hasStrays)
  }

  async #flush(): Promise<void> {
    if (this.#collectedSize > 0 && !this.#failure) await this.#store()
    await this.#confirmed.catch(() => {})
    await this.#reporting
    if (this.#offset > this.#reported && !this.#hasRefused) await this.#report()
    this.#throwFailure()
  }

  /** Starts to send the collected bytes. */
  async #store(): Promise<void> {
    if (this.#nextNumber > MAX_PARTS) {
      await this.seal()
      this.#nextNumber = 1
    }
    const chunks = this.#collected
    const size = this.#collectedSize
    const [tail, tailBytes] = [this.#tail, this.#tailBytes]
    this.#collected = []
    this.#collectedSize = 0
    this.#lastStoreMs = performance.now()
    const isPart = sizeOf(tail) + size >= MIN_PART_BYTES
    const replaces = isPart || tail.length >= MAX_TAIL_LENGTH
    const before = async () => tailBytes ?? [await gather(this.#deps.bucket, wholes(tail))]
    const body = async () => Buffer.concat([...(replaces ? await before() : []), ...chunks])
    if (isPart) {
      this.#tail = []
      this.#tailBytes = []
      const number = this.#nextNumber++
      const freed = size + bytesIn(tailBytes)
      const gate = this.#gate
      const sendPart = async () => {
        await gate
        return this.#sendPart(number, await body())
      }
      this.#send(size, freed, sendPart, part => this.#addPart(part))
      return
    }
    const key = `${prefixOf(this.#deps.id)}tail/${randomUUID()}`
    this.#tail = replaces ? [{ key, size: sizeOf(tail) + size }] : [...tail, { key, size }]
    this.#tailBytes = tailBytes && [...tailBytes, ...chunks]
    const planned = this.#tail
    const put = async () => this.#deps.bucket.put(key, await body())
    this.#send(size, tailBytes ? 0 : size, put, () => {
      this.#layout = { ...this.#layout, tail: planned }
      if (replaces) this.#drop(tail)
    })
  }

  /** Runs `work` at once, and `apply` after it and all earlier requests are confirmed. @param freed number of bytes that are then no longer in memory. */
  #send<T>(size: number, freed: number, work: () => Promise<T>, apply: (result: T) => void): void {
    const working = work().finally(() => this.#deps.budget.add(-freed))
    const run: Promise<unknown> = working.catch(() => {}).then(() => this.#running.delete(run))
    this.#running.add(run)
    this.#confirmed = Promise.all([working, this.#confirmed]).then(([result]) => {
      apply(result)
      this.#offset += size
    })
    this.#confirmed.catch(error => {
      this.#failure ??= { error: explainS3Failure(error) }
    })
  }

  async #sendPart(number: number, body: Uint8Array): Promise<{ multipart: Multipart; part: Part }> {
    this.#multipart ??= this.#begin()
    const multipart = await this.#multipart
    try {
      return { multipart, part: await this.#deps.bucket.uploadPart(multipart, number, body) }
    } catch (error) {
      if (!isMultipartGone(error)) throw error
      if (this.#own?.id === multipart.id) this.#own = undefined
      throw await explainGone(this.#deps.bucket, this.#layout.multipart, error)
    }
  }

  #addPart({ multipart, part }: { multipart: Multipart; part: Part }): void {
    const { segments, multipart: before, tail } = this.#layout
    const parts = before?.id === multipart.id ? before.parts : []
    this.#layout = { segments, multipart: { ...multipart, parts: [...parts, part] }, tail: [] }
    this.#wasNamed = true
    this.#drop(tail)
  }

  async #begin(): Promise<Multipart> {
    const { bucket, id } = this.#deps
    await this.#sealLayout()
    this.#own = await bucket.begin(`${prefixOf(id)}parts/${randomUUID()}`)
    this.#wasNamed = false
    return this.#own
  }

  async #sealLayout(): Promise<void> {
    const { multipart } = this.#layout
    if (!multipart) return
    const segment = await seal(this.#deps.bucket, multipart)
    this.#layout = { ...this.#layout, segments: [...this.#layout.segments, segment], multipart: undefined }
  }

  /** Marks objects of the tail whose bytes were stored elsewhere. They are removed after the row no longer names them. */
  #drop(tail: readonly Extent[]): void {
    if (tail.length === 0) return
    this.#obsolete.push(...tail.map(({ key }) => key))
    this.#hasStrays = true
  }

  /** Frees memory: waits until everything is stored, and discards the bytes of the tail. */
  async #free(): Promise<void> {
    if (this.#running.size === 0 && this.#collectedSize > 0) await this.#store()
    await Promise.all(this.#running)
    if (this.#tail.length === 0) return
    this.#deps.budget.add(-bytesIn(this.#tailBytes))
    this.#tailBytes = undefined
  }

  #reportBehind(): void {
    if (this.#isReporting || this.#offset === this.#reported) return
    this.#isReporting = true
    this.#reporting = this.#report()
      .catch(() => {})
      .finally(() => {
        this.#isReporting = false
      })
  }

  async #report(): Promise<void> {
    const offset = this.#offset
    this.#lastReportMs = performance.now()
    try {
      await this.#deps.onDurable(offset, this.#state())
      this.#reported = offset
    } catch (error) {
      this.#hasRefused = true
      this.#failure ??= { error }
      throw error
    }
  }
}
