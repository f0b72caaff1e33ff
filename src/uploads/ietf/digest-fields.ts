import { createHash, type Hash, timingSafeEqual } from 'node:crypto'
import { ApiError } from '../../base/errors.ts'
import { invalidDigest, mismatchingDigest } from './ietf-problem.ts'
import { parseMembers } from './structured-fields.ts'

/** The "active" algorithms of RFC 9530 §5, with the size of their digests in bytes. The others are not secure. */
const ALGORITHMS: ReadonlyMap<string, { readonly node: string; readonly size: number }> = new Map([
  ['sha-256', { node: 'sha256', size: 32 }],
  ['sha-512', { node: 'sha512', size: 64 }],
])

/** The value of `Want-Content-Digest` and `Want-Repr-Digest` in an error response (RFC 9530 §4). */
export const WANTED_DIGESTS = 'sha-512=10, sha-256=9'

/** A check of all bytes of an upload or a body. */
export interface WholeCheck {
  update(chunk: Uint8Array): void
  /** Call it once, after the last byte. @throws IetfProblem 400 if the bytes are wrong. */
  verify(): void
}

interface Expectation {
  readonly digest: Buffer
  readonly hash: Hash
}

/**
 * The digests that a body or a whole upload must have. Not covered: digests in trailers, which no client sends, and other algorithms than
 * sha-256 and sha-512; RFC 9530 §2 allows ignoring them.
 */
export class DigestCheck implements WholeCheck {
  readonly #field: string
  readonly #expectations: readonly Expectation[]
  readonly #over: boolean

  /** @param options.over whether a mismatch invalidates the whole upload. */
  constructor(field: string, expectations: readonly Expectation[], { over }: { over: boolean }) {
    this.#field = field
    this.#expectations = expectations
    this.#over = over
  }

  update(chunk: Uint8Array): void {
    for (const { hash } of this.#expectations) hash.update(chunk)
  }

  /** Call it once, after the last byte. @throws IetfProblem 400 if one of the digests differs. */
  verify(): void {
    for (const { hash, digest } of this.#expectations)
      if (!timingSafeEqual(hash.digest(), digest)) throw mismatchingDigest(this.#field, this.#over)
  }
}

/**
 * Reads `Content-Digest` or `Repr-Digest`.
 * @returns undefined if the field is absent or has no supported algorithm. @throws ApiError 400 if it is malformed.
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
  return new ApiError(400, 'invalid_digest', `${field} does not follow the syntax of RFC 9530.`, field)
}

/** The algorithm that `Want-Repr-Digest` prefers (RFC 9530 §4). @returns undefined if it names no supported algorithm. */
export function wantedAlgorithm(value: string | null | undefined): string | undefined {
  const preferences = [...(parseMembers(value ?? '') ?? [])].flatMap(([name, preference]) =>
    ALGORITHMS.has(name) && typeof preference === 'number' && preference > 0 ? [{ name, preference }] : [],
  )
  return preferences.sort((a, b) => b.preference - a.preference)[0]?.name
}

/** Computes the digest of all bytes as a value of `Repr-Digest`. @param name from `wantedAlgorithm`. */
export function digestReport(name: string, onDigest: (value: string) => void): WholeCheck {
  const hash = createHash(ALGORITHMS.get(name)!.node)
  return {
    update: chunk => hash.update(chunk),
    verify: () => onDigest(`${name}=:${hash.digest('base64')}:`),
  }
}
