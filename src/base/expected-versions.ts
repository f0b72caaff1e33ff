import { ApiError } from './errors.ts'

/** The versions of a resource that a change may replace, as its client has read them. `any` stands for every version. */
export interface ExpectedVersions {
  /** If present, the resource must exist and have one of these versions. */
  readonly oneOf?: 'any' | readonly string[] | undefined
  /** If present, the resource must not have any of these versions. */
  readonly noneOf?: 'any' | readonly string[] | undefined
}

/** The resource has a version that its change did not expect. */
export class UnexpectedVersion extends ApiError {
  constructor(message: string) {
    super(412, 'precondition_failed', message)
    this.name = 'UnexpectedVersion'
  }
}

/** Whether a change may replace the version that a resource has now. @param version undefined if the resource does not exist. */
export function isExpected(version: string | undefined, { oneOf, noneOf }: ExpectedVersions): boolean {
  if (version === undefined) return oneOf === undefined
  const isIn = (versions: 'any' | readonly string[]) => versions === 'any' || versions.includes(version)
  return (oneOf === undefined || isIn(oneOf)) && (noneOf === undefined || !isIn(noneOf))
}
