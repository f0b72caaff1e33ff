import { DetailedError } from '../../base/errors.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'

const REGISTRY = 'https://iana.org/assignments/http-problem-types#'

export interface ProblemOptions {
  /** Name in IANA's registry of problem types. */
  readonly type?: string
  /** Additional members of the problem, all in bytes. */
  readonly members?: Readonly<Record<string, number>>
  /** The value of `Upload-Offset`, in bytes. */
  readonly offset?: number
  /** Whether the upload is invalid and cannot be resumed. */
  readonly over?: boolean
}

/** An error whose response needs headers of the protocol. */
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
    `The upload has ${expected} bytes. Continue there instead of at ${provided}.`,
    {
      type: 'mismatching-upload-offset',
      members: { 'expected-offset': expected, 'provided-offset': provided },
      offset: expected,
    },
  )
}

export function inconsistentLength(detail: string): IetfProblem {
  return new IetfProblem(400, 'inconsistent_length', `The upload's length is inconsistent. ${detail}`, {
    type: 'inconsistent-upload-length',
  })
}

/** Revisions 04 to 10; later ones do not specify this error. */
export function completedUpload(offset: number): IetfProblem {
  return new IetfProblem(400, 'completed_upload', 'The upload is complete and accepts no more bytes.', {
    type: 'completed-upload',
    offset,
  })
}

/** draft-ietf-httpapi-digest-fields-problem-types. @param over whether this invalidates the whole upload. */
export function mismatchingDigest(field: string, over: boolean): IetfProblem {
  return new IetfProblem(
    400,
    'digest_mismatch',
    `The bytes do not match ${field}. ${over ? 'Start the upload over' : 'Send them again'}.`,
    { type: 'digest-mismatched-values', over },
  )
}

export function invalidDigest(field: string): IetfProblem {
  return new IetfProblem(400, 'invalid_digest', `${field} has a digest of the wrong length.`, {
    type: 'digest-invalid-values',
  })
}

/** The body was cut off and its bytes are kept. After a 5xx the client requests the offset. */
export function interrupted(offset: number): IetfProblem {
  return new IetfProblem(
    503,
    'interrupted',
    'The request was interrupted. Request the offset and continue there.',
    {
      offset,
    },
  )
}
