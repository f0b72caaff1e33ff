import { createHash, type Hash, timingSafeEqual } from 'node:crypto'
import { ApiError } from '../../base/errors.ts'
import { invalidDigest, mismatchingDigest } from './ietf-problem.ts'
import { parseMembers } from './structured-fields.ts'

/** The algorithms of RFC 9530 §5 that are "active", with the size of their digests in bytes. The broken ones are not for integrity. */
const ALGORITHMS: ReadonlyMap<string, { readonly node: string; readonly size: number }> = new Map([
  ['sha-256', { node: 'sha256', size: 32 }],
  ['sha-512', { node: 'sha512', size: 64 }],
])

/** For `Want-Content-Digest` and `Want-Repr-Digest` of a refusal (RFC 9530 §4). */
export const WANTED_DIGESTS = 'sha-512=10, sha-256=9'

/** Something that is to be known of bytes once all of them have been seen. */
export interface WholeCheck {
  update(chunk: Uint8Array): void
  /** To be asked once. @throws IetfProblem where they are not what they should be. */
  verify(): void
}

interface Expectation {
  readonly digest: Buffer
  readonly hash: Hash
}

/**
 * What a body or a whole upload should hash to. Not covered: digests in trailers, which nobody sends, and algorithms besides sha-256 and
 * sha-512, which are ignored, as RFC 9530 §2 allows.
 */
export class DigestCheck implements WholeCheck {
  readonly #field: string
  readonly #expectations: readonly Expectation[]
  readonly #over: boolean

  /** @param over whether a mismatch ends the whole upload. */
  constructor(field: string, expectations: readonly Expectation[], { over }: { over: boolean }) {
    this.#field = field
    this.#expectations = expectations
    this.#over = over
  }

  update(chunk: Uint8Array): void {
    for (const { hash } of this.#expectations) hash.update(chunk)
  }

  /** To be asked once. @throws IetfProblem 400 where one of the digests is another. */
  verify(): void {
    for (const { hash, digest } of this.#expectations)
      if (!timingSafeEqual(hash.digest(), digest)) throw mismatchingDigest(this.#field, this.#over)
  }
}

/**
 * Reads `Content-Digest` or `Repr-Digest`.
 * @returns undefined where there is none, or none that is understood. @throws ApiError 400 where it is malformed.
 */
export function digestCheck(
  field: 'Content-Digest' | 'Repr-Digest',
  value: string | null | undefined,
): DigestCheck | undefined {
  if (!value?.trim()) return undefined
  const members = parseMembers(value)
  if (!members) throw malformed(field)
  const expectations = [...members].flatMap(([name, encoded]) => {
    const algorithm = ALGORITHMS.get(name)
    if (!algorithm) return []
    if (!(encoded instanceof ArrayBuffer)) throw malformed(field)
    const digest = Buffer.from(encoded)
    if (digest.length !== algorithm.size) throw invalidDigest(field)
    return { digest, hash: createHash(algorithm.node) }
  })
  if (expectations.length === 0) return undefined
  return new DigestCheck(field, expectations, { over: field === 'Repr-Digest' })
}

function malformed(field: string): ApiError {
  return new ApiError(400, 'invalid_digest', `${field} is not as RFC 9530 has it.`, field)
}

/** The algorithm that `Want-Repr-Digest` likes best (RFC 9530 §4); undefined where it asks for none that is there. */
export function wantedAlgorithm(value: string | null | undefined): string | undefined {
  const wishes = [...(parseMembers(value ?? '') ?? [])].flatMap(([name, liking]) =>
    ALGORITHMS.has(name) && typeof liking === 'number' && liking > 0 ? [{ name, liking }] : [],
  )
  return wishes.sort((a, b) => b.liking - a.liking)[0]?.name
}

/** Tells the digest of bytes, in the form of `Repr-Digest`, once they are all there. @param name one of `wantedAlgorithm`. */
export function digestReport(name: string, onDigest: (value: string) => void): WholeCheck {
  const hash = createHash(ALGORITHMS.get(name)!.node)
  return {
    update: chunk => hash.update(chunk),
    verify: () => onDigest(`${name}=:${hash.digest('base64')}:`),
  }
}
