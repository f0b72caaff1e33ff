import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { sha256Hex } from '../../base/hash.ts'
import type { ByteRange, ObjectStorage, SignedUrlOptions, Take, WriteOptions } from '../object-storage.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { download } from './s3-download.ts'
import { explained } from './s3-errors.ts'
import { inParallel } from './s3-parallel.ts'
import { crcText, type ObjectFacts, partBytes } from './s3-parts.ts'
import { inParts, store } from './s3-store.ts'
import type { ScratchCache } from './scratch-cache.ts'

/** Bytes per request and number of parallel requests for fetching a whole object. */
const RANGE_BYTES = 16 * 2 ** 20
const PARALLEL_RANGES = 4
/** The result of a check is reused for this time, because readiness may be requested many times per second. */
const CHECK_MS = 2000

/** Objects in a bucket of an S3-compatible service. */
export class S3Objects implements ObjectStorage {
  readonly #bucket: S3Bucket
  readonly #cache: ScratchCache
  #lastCheck: { readonly at: number; readonly result: Promise<void> } | undefined

  /** @param cache local copies for programs that need a file. */
  constructor(bucket: S3Bucket, cache: ScratchCache) {
    this.#bucket = bucket
    this.#cache = cache
  }

  async put(path: string, key: string): Promise<number> {
    const file = await open(path, 'r')
    try {
      const size = await explained(store(this.#bucket, key, slices(file)))
      await rm(path)
      return size
    } finally {
      await file.close()
    }
  }

  async write(key: string, source: AsyncIterable<Uint8Array>, _options?: WriteOptions): Promise<number> {
    return explained(store(this.#bucket, key, inParts(source)))
  }

  async size(key: string): Promise<number | undefined> {
    // Some services show folders as objects.
    if (key.endsWith('/')) return undefined
    return (await explained(this.#bucket.head(key)))?.size
  }

  read(key: string, range?: ByteRange): Promise<Readable> {
    return download(this.#bucket, key, range)
  }

  async send(key: string, range: ByteRange, take: Take): Promise<void> {
    for await (const chunk of await download(this.#bucket, key, range)) {
      if (!(await take(chunk))) return
    }
  }

  async withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    const facts = await explained(this.#bucket.head(key))
    // With the code of a missing file on a disk.
    if (!facts) throw Object.assign(new Error(`The object ${key} does not exist.`), { code: 'ENOENT' })
    const name = sha256Hex(`${key} ${facts.etag}`)
    return this.#cache.withFile(name, facts.size, path => this.#fetch(key, facts, path), use)
  }

  remove(key: string, keep?: string): Promise<void> {
    return explained(key.endsWith('/') ? this.#bucket.removeAll(key, keep) : this.#bucket.remove([key]))
  }

  check(): Promise<void> {
    const now = performance.now()
    if (!this.#lastCheck || now - this.#lastCheck.at > CHECK_MS)
      this.#lastCheck = { at: now, result: explained(this.#check()) }
    return this.#lastCheck.result
  }

  async *list(prefix: string): AsyncGenerator<readonly string[]> {
    yield* this.#bucket.list(prefix)
    yield (await this.#bucket.multiparts(prefix)).map(({ key }) => key)
  }

  async signedUrl(key: string, { seconds, contentType, disposition }: SignedUrlOptions): Promise<string> {
    const [{ GetObjectCommand }, { getSignedUrl }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/s3-request-presigner'),
    ])
    const command = new GetObjectCommand({
      ...this.#bucket.at(key),
      ResponseContentType: contentType,
      ResponseContentDisposition: disposition,
      ResponseCacheControl: `private, max-age=${seconds}`,
    })
    return getSignedUrl(this.#bucket.client, command, { expiresIn: seconds })
  }

  async #check(): Promise<void> {
    const key = `check/${randomUUID()}`
    await this.#bucket.put(key, new Uint8Array(1))
    await this.#bucket.remove([key])
  }

  /** Fetches an object into a new file, with parallel requests. @throws Error if its size or checksum differs from the service's. */
  async #fetch(key: string, { size, etag, crc }: ObjectFacts, path: string): Promise<void> {
    const file = await open(path, 'wx+', 0o600)
    try {
      await inParallel(rangesOf(size), PARALLEL_RANGES, async range => {
        let at = range.start
        for await (const chunk of await download(this.#bucket, key, range, etag)) {
          await file.write(chunk, 0, chunk.byteLength, at)
          at += chunk.byteLength
        }
      })
      if ((await file.stat()).size !== size)
        throw new Error(`The copy of ${key} does not have ${size} bytes.`)
      // A multipart upload has only checksums of its parts.
      if (crc && !crc.includes('-') && (await crcOfFile(file)) !== crc)
        throw new Error(`The copy of ${key} does not have the checksum ${crc}.`)
    } finally {
      await file.close()
    }
  }
}

function* rangesOf(size: number): Generator<ByteRange> {
  for (let start = 0; start < size; start += RANGE_BYTES)
    yield { start, end: Math.min(start + RANGE_BYTES, size) - 1 }
}

/** Divides a file into the bodies of parts. */
async function* slices(file: FileHandle): AsyncGenerator<Uint8Array> {
  const { size } = await file.stat()
  let at = 0
  for (let number = 1; at < size; number++) {
    const body = Buffer.allocUnsafeSlow(Math.min(partBytes(number), size - at))
    for (let filled = 0; filled < body.length; ) {
      const { bytesRead } = await file.read(body, filled, body.length - filled, at + filled)
      if (bytesRead === 0) throw new Error('The file has become shorter while it was read.')
      filled += bytesRead
    }
    at += body.length
    yield body
  }
}

async function crcOfFile(file: FileHandle): Promise<string> {
  let crc = 0
  const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 })
  for await (const chunk of stream) crc = crc32(chunk as Buffer, crc)
  return crcText(crc)
}
