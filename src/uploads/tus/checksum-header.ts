import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { crc32 } from 'node:zlib'
import { ApiError } from '../../base/errors.ts'
import { fieldOf, listElements } from '../../base/header-fields.ts'
import type { BodyCheck } from '../core/body-check.ts'

interface Digest {
  update(chunk: Uint8Array): void
  digest(): Buffer
}

const hash = (name: string) => (): Digest => createHash(name)

/** Algorithms by their names in the header, in the server's order of preference. */
const ALGORITHMS: Readonly<Record<string, () => Digest>> = {
  sha256: hash('sha256'),
  sha1: hash('sha1'),
  sha512: hash('sha512'),
  md5: hash('md5'),
  crc32: () => new Crc32(),
}

/** The value of `Tus-Checksum-Algorithm`. */
export const CHECKSUM_ALGORITHMS = Object.keys(ALGORITHMS)

/**
 * The check for `Upload-Checksum`, as a header or a trailer (tus 1.0.0, Checksum). Its `verify` throws ApiError 460 if the checksum does not
 * match, and 400 if the trailer is malformed.
 * @returns undefined if the request has no checksum.
 * @throws ApiError 400 if the value is malformed or its algorithm is not supported.
 */
export function checkOf(request: IncomingMessage): BodyCheck | undefined {
  const value = fieldOf(request.headers, 'Upload-Checksum')
  if (value !== undefined) {
    const [algorithm, expected] = parse(value)
    const digest = ALGORITHMS[algorithm]!()
    return {
      update: chunk => digest.update(chunk),
      verify: () => compare(request, digest.digest(), expected),
    }
  }
  const trailers = listElements(request.headers.trailer).map(name => name.toLowerCase())
  if (!trailers.includes('upload-checksum')) return undefined
  // The trailer also names the algorithm. Until it arrives, compute all of them.
  const digests = new Map(CHECKSUM_ALGORITHMS.map(name => [name, ALGORITHMS[name]!()]))
  return {
    update: chunk => {
      for (const digest of digests.values()) digest.update(chunk)
    },
    verify: () => {
      const trailer = request.trailers['upload-checksum']
      if (typeof trailer !== 'string') throw mismatch()
      const [algorithm, expected] = parse(trailer)
      compare(request, digests.get(algorithm)!.digest(), expected)
    },
  }
}

function parse(value: string): [algorithm: string, expected: Buffer] {
  const [, algorithm = '', encoded = ''] = /^([a-z0-9]+) ([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? []
  if (!Object.hasOwn(ALGORITHMS, algorithm)) {
    throw new ApiError(
      400,
      'invalid_checksum',
      `Upload-Checksum must be one of ${CHECKSUM_ALGORITHMS.join(', ')}, a space and the digest in base64.`,
      'Upload-Checksum',
    )
  }
  return [algorithm, Buffer.from(encoded, 'base64')]
}

function compare(request: IncomingMessage, actual: Buffer, expected: Buffer): void {
  if (!request.complete || actual.length !== expected.length || !timingSafeEqual(actual, expected))
    throw mismatch()
}

function mismatch(): ApiError {
  return new ApiError(460, 'checksum_mismatch', 'The bytes do not match the checksum. Send them again.')
}

class Crc32 implements Digest {
  #value = 0

  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value)
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(this.#value)
    return bytes
  }
}
