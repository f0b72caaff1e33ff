import { DetailedError } from '../../base/errors.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'

const REGISTRY = 'https://iana.org/assignments/http-problem-types#'

export interface ProblemOptions {
  /** Name in IANA's registry of problem types, where there is one. */
  readonly type?: string
  /** Members besides those of RFC 9457, all counts of bytes. */
  readonly members?: Readonly<Record<string, number>>
  /** For `Upload-Offset`, in bytes. */
  readonly offset?: number
  /** The upload is over: to resume it would not help. */
  readonly over?: boolean
}

/** A problem whose answer needs headers of the protocol. */
export class IetfProblem extends DetailedError {
  readonly offset: number | undefined
  readonly over: boolean

  constructor(status: number, code: ProblemCode, message: string, options: ProblemOptions) {
    super(status, code, message, options.members ?? {}, options.type && REGISTRY + options.type)
    this.name = 'IetfProblem'
    this.offset = options.offset
    this.over = options.over ?? false
  }
}

/** "The response MUST include the correct offset in the Upload-Offset header field." */
export function mismatchingOffset(expected: number, provided: number): IetfProblem {
  return new IetfProblem(
    409,
    'offset_conflict',
    `The upload has ${expected} bytes: go on from there, not from ${provided}.`,
    {
      type: 'mismatching-upload-offset',
      members: { 'expected-offset': expected, 'provided-offset': provided },
      offset: expected,
    },
  )
}

export function inconsistentLength(detail: string): IetfProblem {
  return new IetfProblem(400, 'inconsistent_length', `The length is not what was told before. ${detail}`, {
    type: 'inconsistent-upload-length',
  })
}

/** Revisions 04 to 10; later ones leave open how it is told. */
export function completedUpload(offset: number): IetfProblem {
  return new IetfProblem(400, 'completed_upload', 'The upload is complete: nothing can be added to it.', {
    type: 'completed-upload',
    offset,
  })
}

/** draft-ietf-httpapi-digest-fields-problem-types. @param over whether the whole upload is lost with it. */
export function mismatchingDigest(field: string, over: boolean): IetfProblem {
  return new IetfProblem(
    400,
    'digest_mismatch',
    `The bytes are not those that ${field} was made of: ${over ? 'begin again' : 'send them again'}.`,
    { type: 'digest-mismatched-values', over },
  )
}

export function invalidDigest(field: string): IetfProblem {
  return new IetfProblem(400, 'invalid_digest', `${field} has a digest of the wrong length.`, {
    type: 'digest-invalid-values',
  })
}

/** The body ended before its end, and what came is kept: a 5xx, after which the client asks where to go on. */
export function interrupted(offset: number): IetfProblem {
  return new IetfProblem(503, 'interrupted', 'The body broke off: ask for the offset and go on from there.', {
    offset,
  })
}
