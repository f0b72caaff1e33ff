import { Readable } from 'node:stream'
import { sha256Hex } from '../../../base/hash.ts'
import type { ByteRange, WriteOptions } from '../../../objects/object-storage.ts'
import type { S3Bucket } from '../../../objects/s3/s3-bucket.ts'
import { download } from '../../../objects/s3/s3-download.ts'
import { explained } from '../../../objects/s3/s3-errors.ts'
import { inParallel } from '../../../objects/s3/s3-parallel.ts'
import {
  BytesLostError,
  type CompletedBytes,
  type GrowingUpload,
  type UploadBytes,
  type Written,
} from '../upload-bytes.ts'
import { MemoryBudget } from './memory-budget.ts'
import { finishMultipart } from './s3-finish.ts'
import { join } from './s3-join.ts'
import { type Live, LiveUploads, signatureOf } from './s3-live-uploads.ts'
import { confirmingLoss, PARALLEL_CHECKS, presentBytes } from './s3-present.ts'
import { seal } from './s3-seal.ts'
import { type Extent, type Layout, layoutUpTo, prefixOf, type S3State } from './s3-state.ts'
import { S3Writer, type S3WriterDeps } from './s3-writer.ts'

const UNKNOWN: Pick<Live, 'own' | 'tail' | 'tailBytes' | 'obsolete'> = {
  own: undefined,
  tail: [],
  tailBytes: undefined,
  obsolete: [],
}

type Upload = GrowingUpload<S3State>

/**
 * Growing uploads on S3. Large amounts of bytes are parts of a multipart upload; the bytes after them are small objects, the tail. The row
 * names the parts and objects that count. If a process ends after a request and before it saves the state, it leaves strays: parts and
 * objects that do not count.
 *
 * - A process adds parts only to a multipart upload that it has begun itself, and only until another process acquires the upload. After that,
 *   the multipart upload is completed to an object, a segment, and the next process begins another multipart upload. So a late request of a
 *   replaced process, whether it sends a part or completes the upload, cannot change the bytes that count.
 * - The parts of an open multipart upload cannot be read, so reading also completes it to a segment.
 * - If an upload consists of one multipart upload or one object, it becomes the finished object without a copy. Several are joined by the
 *   service.
 * - Strays are removed together with the prefix of the upload when it is finished or deleted.
 *
 * A small body costs one request if a single process receives the upload. Not supported: more than about 10,000 segments.
 */
export class S3UploadBytes implements UploadBytes<S3State> {
  readonly #bucket: S3Bucket
  readonly #budget = new MemoryBudget()
  readonly #live = new LiveUploads()
  readonly #writers = new Map<string, S3Writer>()

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket
  }

  /** Sends no request, because the row is sufficient. */
  async create(id: string): Promise<void> {
    this.#live.keep(id, { ...UNKNOWN, signature: signatureOf({ offset: 0, state: null }), isWriter: true })
  }

  async append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    onDurable: (offset: number, state: S3State | null) => Promise<void>,
    _options?: WriteOptions,
  ): Promise<Written<S3State>> {
    const { id, offset } = upload
    const writer = await this.#confirmingLoss(upload, () => this.#resume(upload, onDurable))
    this.#writers.set(id, writer)
    let failure: { error: unknown } | undefined
    try {
      try {
        for await (const chunk of source) await writer.push(chunk)
      } catch (error) {
        failure = { error }
      }
      const written = await this.#confirmingLoss(upload, () => writer.finish())
      if (failure) throw failure.error
      return written.offset === offset ? { offset, state: upload.state } : written
    } finally {
      if (this.#writers.get(id) === writer) this.#writers.delete(id)
      const { generation } = upload
      this.#live.keep(id, {
        ...writer.known,
        signature: signatureOf(writer.reached),
        isWriter: true,
        generation,
      })
    }
  }

  async read(upload: Upload, { start, end }: ByteRange): Promise<Readable> {
    if (upload.object) return download(this.#bucket, upload.object, { start, end })
    // A request can read the bytes before its body while the body arrives.
    await this.#writers.get(upload.id)?.seal()
    const { segments, tail } = await this.#confirmingLoss(upload, () => this.#readable(upload, end + 1))
    const extents = [...segments, ...tail]
    const ranges: { key: string; range: ByteRange }[] = []
    let from = 0
    for (const { key, size } of extents) {
      const range = { start: Math.max(start - from, 0), end: Math.min(end - from, size - 1) }
      if (range.start <= range.end) ranges.push({ key, range })
      from += size
    }
    const bucket = this.#bucket
    async function* all() {
      for (const { key, range } of ranges) yield* await download(bucket, key, range)
    }
    return Readable.from(all(), { objectMode: false })
  }

  async size(upload: Upload): Promise<number> {
    if (this.#live.trusts(upload)) return upload.offset
    const size = await explained(presentBytes(this.#bucket, upload))
    const live = this.#live.get(upload.id)
    // Do not overwrite the information about an upload that is being written to.
    if (size >= upload.offset && !live && !this.#writers.has(upload.id))
      this.#live.keep(upload.id, { ...UNKNOWN, signature: signatureOf(upload), isWriter: false })
    return size
  }

  async complete(upload: Upload): Promise<CompletedBytes> {
    const { id, offset, state, takeover = false } = upload
    const known = this.#live.take(id)
    const { layout, isCut } = layoutUpTo(state, offset)
    const all = [...layout.segments, ...(layout.multipart ? [layout.multipart] : []), ...layout.tail]
    const key = await this.#confirmingLoss(upload, () => this.#complete(upload, layout, isCut, known))
    const hasStrays = takeover || state?.hasStrays || !isAsLeft(known, upload)
    const leftovers = hasStrays ? [prefixOf(id)] : all.map(each => each.key).filter(each => each !== key)
    return { key, leftovers }
  }

  async concatenate(keys: readonly string[], id: string): Promise<CompletedBytes> {
    const key = await explained(
      (async () => {
        const extents = await inParallel(keys, PARALLEL_CHECKS, async key => {
          const found = await this.#bucket.head(key)
          if (!found) throw new BytesLostError()
          return { key, size: found.size }
        })
        return this.#join(id, extents)
      })(),
    )
    // A process that was killed during the same concatenation has left an open multipart upload.
    return { key, leftovers: [prefixOf(id)] }
  }

  keys(id: string): readonly string[] {
    return [prefixOf(id)]
  }

  async remove(id: string, state: S3State | null): Promise<void> {
    this.#live.take(id)
    await explained(
      (async () => {
        // Some services do not list open multipart uploads by prefix, only by their whole key.
        if (state?.multipart) await this.#bucket.abort(state.multipart)
        await this.#bucket.removeAll(prefixOf(id))
      })(),
    )
  }

  #confirmingLoss<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
    return explained(confirmingLoss(this.#bucket, upload, work))
  }

  async #resume(upload: Upload, onDurable: S3WriterDeps['onDurable']): Promise<S3Writer> {
    const { id, offset, state, takeover = false, generation } = upload
    const live = this.#live.take(id)
    const isLast = isAsLeft(live, upload)
    const { layout, isCut } = layoutUpTo(state, offset)
    if (isCut && layout.multipart) await seal(this.#bucket, layout.multipart)
    if (live && isLast && live.obsolete.length > 0) void this.#bucket.remove(live.obsolete).catch(() => {})
    return new S3Writer({
      bucket: this.#bucket,
      budget: this.#budget,
      id,
      layout: isCut ? { ...layout, multipart: undefined } : layout,
      offset,
      known: {
        own: takeover || isCut || live?.generation !== generation ? undefined : live?.own,
        tailBytes: live && isSame(live.tail, layout.tail) ? live.tailBytes : undefined,
      },
      hasStrays: (state?.hasStrays ?? false) || takeover || !isLast,
      onDurable,
    })
  }

  /** Makes the first `size` bytes readable. @returns their location. */
  async #readable(upload: Upload, size: number): Promise<Layout> {
    const { layout, isCut } = layoutUpTo(upload.state, size)
    const { segments, multipart, tail } = layout
    if (!multipart) return layout
    // This must be first, because the service may still execute a completion that fails here.
    const live = this.#live.take(upload.id)
    if (live) this.#live.keep(upload.id, { ...live, own: undefined })
    // The segment can also contain parts after the wanted ones.
    const segment = await seal(this.#bucket, multipart)
    return { segments: isCut ? segments : [...segments, segment], multipart: undefined, tail }
  }

  async #complete(upload: Upload, layout: Layout, isCut: boolean, known: Live | undefined): Promise<string> {
    const { id, offset } = upload
    if (offset === 0) {
      const key = `${prefixOf(id)}empty`
      await this.#bucket.put(key, new Uint8Array(0))
      return key
    }
    const { segments, multipart, tail } = layout
    const [first, ...others] = [...segments, ...tail]
    if (first && others.length === 0 && !multipart) {
      const found = await this.#bucket.head(first.key)
      if (!found || found.size < first.size) throw new BytesLostError()
      if (found.size === first.size) return first.key
    }
    if (multipart && !isCut && segments.length === 0) {
      const bytes = known && isSame(known.tail, tail) ? known.tailBytes : undefined
      if (await finishMultipart(this.#bucket, multipart, tail, bytes)) return multipart.key
    }
    const sealed = await this.#readable(upload, offset)
    return this.#join(id, [...sealed.segments, ...sealed.tail])
  }

  /** The key contains a hash of the sources, so that a repeated call creates the same object. */
  async #join(id: string, extents: readonly Extent[]): Promise<string> {
    const sources = sha256Hex(JSON.stringify(extents)).slice(0, 32)
    const key = `${prefixOf(id)}whole-${sources}`
    await join(this.#bucket, extents, key)
    return key
  }
}

/** Whether this process was the last writer of an upload, so that it knows all its objects. */
function isAsLeft(live: Live | undefined, upload: Upload): boolean {
  return live?.isWriter === true && live.signature === signatureOf(upload)
}

function isSame(one: readonly Extent[], other: readonly Extent[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ key, size }, index) => key === other[index]!.key && size === other[index]!.size)
  )
}
