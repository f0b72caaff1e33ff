import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { mediaTypeByExtension } from '../../base/media-types.ts'
import type { S3Location } from '../../config/storage-url.ts'
import type { ByteRange } from '../object-storage.ts'
import { requireStorageKey } from '../storage-key.ts'
import { isAbsent } from './s3-errors.ts'
import { crcOf, type ObjectFacts, type Part } from './s3-parts.ts'

/** Maximum number of keys in one request (DeleteObjects). */
const MAX_DELETED = 1000

/** An open multipart upload. */
export interface Multipart {
  readonly key: string
  readonly id: string
}

/** The body of an object or of a range of it. */
export interface Download {
  readonly body: Readable
  readonly etag: string
  /** Size of the whole object in bytes. */
  readonly size: number
}

/**
 * The requests to a bucket. All keys are relative to the configured prefix. Methods throw the errors of the S3 client, which callers handle or
 * translate (`explainS3Failure`).
 */
export class S3Bucket {
  readonly client: S3Client
  readonly #location: S3Location

  constructor(client: S3Client, location: S3Location) {
    this.client = client
    this.#location = location
  }

  /** Names an object in a request. @throws Error for a key that could lead out of the prefix. */
  at(key: string): { Bucket: string; Key: string } {
    requireStorageKey(key)
    const { bucket, prefix } = this.#location
    return { Bucket: bucket, Key: prefix + key }
  }

  async head(key: string): Promise<ObjectFacts | undefined> {
    try {
      const found = await this.client.send(
        new HeadObjectCommand({ ...this.at(key), ChecksumMode: 'ENABLED' }),
      )
      return { size: found.ContentLength ?? 0, etag: found.ETag ?? '', crc: found.ChecksumCRC32 }
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  /** @param etag if set, the request fails unless the object has this ETag. */
  async get(key: string, range?: ByteRange, etag?: string, signal?: AbortSignal): Promise<Download> {
    const found = await this.client.send(
      new GetObjectCommand({
        ...this.at(key),
        ...(range && { Range: `bytes=${range.start}-${range.end}` }),
        ...(etag && { IfMatch: etag }),
      }),
      signal ? { abortSignal: signal } : {},
    )
    const total = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1]
    return {
      body: found.Body as Readable,
      etag: found.ETag ?? '',
      size: Number(total ?? found.ContentLength ?? 0),
    }
  }

  /** Stores an object in one request. */
  async put(key: string, body: Uint8Array): Promise<void> {
    await this.client.send(
      new PutObjectCommand({
        ...this.at(key),
        ...this.#kind(key),
        Body: body,
        ContentLength: body.byteLength,
        ChecksumCRC32: crcOf(body),
      }),
    )
  }

  /** @param key must not be used by any other upload. */
  async begin(key: string): Promise<Multipart> {
    const { UploadId, $metadata } = await this.client.send(
      new CreateMultipartUploadCommand({ ...this.at(key), ...this.#kind(key), ChecksumAlgorithm: 'CRC32' }),
    )
    const begun = { key, id: UploadId! }
    // A response was lost, perhaps of a request that has created a multipart upload.
    if (($metadata.attempts ?? 1) > 1) {
      const others = (await this.multiparts(key)).filter(other => other.key === key && other.id !== begun.id)
      for (const other of others) await this.abort(other)
    }
    return begun
  }

  async uploadPart({ key, id }: Multipart, number: number, body: Uint8Array): Promise<Part> {
    const crc = crcOf(body)
    const { ETag } = await this.client.send(
      new UploadPartCommand({
        ...this.at(key),
        UploadId: id,
        PartNumber: number,
        Body: body,
        ContentLength: body.byteLength,
        ChecksumCRC32: crc,
      }),
    )
    return { number, size: body.byteLength, etag: ETag ?? '', crc }
  }

  /** Copies a range of another object into a part, within the service. */
  async copyPart({ key, id }: Multipart, number: number, source: string, range: ByteRange): Promise<Part> {
    const { Bucket, Key } = this.at(source)
    const { CopyPartResult } = await this.client.send(
      new UploadPartCopyCommand({
        ...this.at(key),
        UploadId: id,
        PartNumber: number,
        CopySource: encodeURI(`${Bucket}/${Key}`),
        CopySourceRange: `bytes=${range.start}-${range.end}`,
      }),
    )
    const { ETag: etag = '', ChecksumCRC32: crc } = CopyPartResult ?? {}
    return { number, size: range.end - range.start + 1, etag, ...(crc && { crc }) }
  }

  async complete({ key, id }: Multipart, parts: readonly Part[]): Promise<void> {
    await this.client.send(
      new CompleteMultipartUploadCommand({
        ...this.at(key),
        UploadId: id,
        MultipartUpload: {
          Parts: parts.map(({ number, etag, crc }) => ({
            PartNumber: number,
            ETag: etag,
            ...(crc && { ChecksumCRC32: crc }),
          })),
        },
      }),
    )
  }

  /** Aborts a multipart upload. Does nothing if it is gone. */
  async abort({ key, id }: Multipart): Promise<void> {
    await this.client
      .send(new AbortMultipartUploadCommand({ ...this.at(key), UploadId: id }))
      .catch(error => {
        if (error?.name !== 'NoSuchUpload') throw error
      })
  }

  /** The ETags and sizes of a multipart upload's parts, by number. */
  async parts({ key, id }: Multipart): Promise<Map<number, { etag: string; size: number }>> {
    const found = new Map<number, { etag: string; size: number }>()
    let marker: string | undefined
    do {
      const page = await this.client.send(
        new ListPartsCommand({
          ...this.at(key),
          UploadId: id,
          ...(marker !== undefined && { PartNumberMarker: marker }),
        }),
      )
      for (const { PartNumber, ETag = '', Size = 0 } of page.Parts ?? [])
        found.set(PartNumber!, { etag: ETag, size: Size })
      marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (marker !== undefined)
    return found
  }

  /** Keys of all objects below a key that ends in a slash. */
  async *list(prefix: string): AsyncGenerator<string[]> {
    let token: string | undefined
    do {
      const { Bucket, Key } = this.at(prefix)
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket, Prefix: Key, ...(token && { ContinuationToken: token }) }),
      )
      yield (page.Contents ?? []).map(({ Key = '' }) => Key.slice(this.#location.prefix.length))
      token = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  /** The open multipart uploads whose keys begin with this. */
  async multiparts(prefix: string): Promise<Multipart[]> {
    const { Bucket, Key: Prefix } = this.at(prefix)
    const found: Multipart[] = []
    let marker: { KeyMarker: string | undefined; UploadIdMarker: string | undefined } | undefined
    do {
      const page = await this.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...marker }))
      for (const { Key = '', UploadId = '' } of page.Uploads ?? [])
        found.push({ key: Key.slice(this.#location.prefix.length), id: UploadId })
      marker = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined
    } while (marker)
    return found
  }

  /** Removes objects. Ignores keys without an object. */
  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length === 1) {
      await this.client.send(new DeleteObjectCommand(this.at(keys[0]!)))
      return
    }
    for (let at = 0; at < keys.length; at += MAX_DELETED) {
      const Objects = keys.slice(at, at + MAX_DELETED).map(key => ({ Key: this.at(key).Key }))
      const { Errors = [] } = await this.client.send(
        new DeleteObjectsCommand({ Bucket: this.#location.bucket, Delete: { Objects, Quiet: true } }),
      )
      const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey')
      if (failed)
        throw Object.assign(new Error(`${Errors.length} objects were not removed: ${failed.Message}`), {
          name: failed.Code ?? 'Error',
          $metadata: {},
        })
    }
  }

  /** Removes all objects below a key that ends in a slash, and aborts the multipart uploads there. @param keep a key that is not removed. */
  async removeAll(prefix: string, keep?: string): Promise<void> {
    for (const multipart of await this.multiparts(prefix)) await this.abort(multipart)
    for await (const keys of this.list(prefix)) await this.remove(keys.filter(key => key !== keep))
  }

  /** @throws an error of the S3 client if the bucket does not exist or access is denied. */
  async headBucket(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.#location.bucket }))
  }

  /** Headers of a new object. They never contain a type that an uploader declared, because a browser could then run the object. */
  #kind(key: string) {
    const { encryption, kmsKey } = this.#location
    const extension = /\.\w+$/.exec(key)?.[0]
    return {
      ContentType: (extension && mediaTypeByExtension(extension)) || 'application/octet-stream',
      ...(encryption && { ServerSideEncryption: encryption }),
      ...(kmsKey && { SSEKMSKeyId: kmsKey }),
    }
  }
}
