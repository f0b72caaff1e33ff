import type { ProblemCode } from './problem-codes.ts'
import type { StepErrorCode } from './step-reasons.ts'

/** An error that the client gets as a problem. `code` is stable; `field` names the invalid input. */
export class ApiError extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly field: string | undefined

  /** @param field path of a member in the body, such as `tags.0`, or the name of a parameter or header. */
  constructor(status: number, code: ProblemCode, message: string, field?: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.field = field
  }
}

/** An error whose problem has extension members (RFC 9457 §3.2), or a registered type. */
export class DetailedError extends ApiError {
  readonly members: Readonly<Record<string, unknown>>
  /** A URI of IANA's registry of problem types. */
  readonly type: string | undefined

  constructor(
    status: number,
    code: ProblemCode,
    message: string,
    members: Readonly<Record<string, unknown>>,
    type?: string,
  ) {
    super(status, code, message)
    this.name = 'DetailedError'
    this.members = members
    this.type = type
  }
}

/** 404 for a resource that does not exist (any more). @param what subject of the message, such as `The video`. */
export function notFound(what: string): ApiError {
  return new ApiError(404, 'not_found', `${what} was not found.`)
}

/** The failure of a processing step, with a message for people. `retryable` says whether the same input can succeed later. */
export class StepError extends Error {
  readonly code: StepErrorCode
  readonly retryable: boolean
  /** Minimum delay before the next attempt in seconds, if the other service has named one. */
  readonly retryAfter: number | undefined

  constructor(
    code: StepErrorCode,
    message: string,
    options: { retryable: boolean; retryAfter?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.name = 'StepError'
    this.code = code
    this.retryable = options.retryable
    this.retryAfter = options.retryAfter
  }
}

/** The external reason for which a step cannot run now. The step waits, and no attempt is counted. */
export class StepPostponed extends Error {
  readonly code: StepErrorCode
  /** Minimum delay in seconds. */
  readonly wait: number

  constructor(code: StepErrorCode, message: string, wait = 0) {
    super(message)
    this.name = 'StepPostponed'
    this.code = code
    this.wait = wait
  }
}

/**
 * The reason for which a step cannot run on this machine now: no disk space, no memory, a killed program. The video is not the cause, so no
 * attempt is counted; the step runs again after a back-off.
 */
export class MachineFault extends StepPostponed {
  constructor(code: MachineFaultCode, cause?: unknown) {
    super(code, MACHINE_FAULTS[code])
    this.name = 'MachineFault'
    this.cause = cause
  }
}

/** Every machine fault that can stop a step, with its message in the step and in `/health/ready`. */
export const MACHINE_FAULTS = {
  storage_full: 'There is no room left to write the result.',
  storage_unusable: 'The directories that the worker writes to cannot be used.',
  out_of_memory: 'The machine has no memory left.',
  out_of_processes: 'The machine allows no further process or open file.',
  killed: 'The media program was ended from outside.',
  ffmpeg_missing: 'ffmpeg is not installed where the worker runs.',
  ffmpeg_broken: 'ffmpeg does not work where the worker runs: it cannot even write a picture of one colour.',
  sandbox_failed: 'The confinement of media programs could not be set up.',
  database_unavailable: 'The database could not be reached.',
} as const

export type MachineFaultCode = keyof typeof MACHINE_FAULTS

/** A setting or an environment that prevents the start of the program. The message is the whole explanation. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
  }
}

/** Another process uses the data directory, and with it the embedded database. */
export class DirectoryInUseError extends StartError {}

/** Whether an error means that the database is unavailable now, and not that the statement is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  // SQLSTATE class 08 is a broken connection, 57P01 to 57P03 a server that stops or starts, 53 a lack of memory or connections, 58030 an
  // I/O error, 25P03 a transaction that was ended because its process was frozen, 40001 and 40P01 a conflict of transactions (PostgreSQL,
  // appendix A).
  return (
    /^(08...|57P0[123]|53[023]00|58030|25P03|40001|40P01|ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOTFOUND|EAI_AGAIN)$/.test(
      code,
    ) ||
    /^(Connection terminated|Client has encountered a connection error|Query read timeout|timeout expired)/.test(
      message,
    ) ||
    message.includes('timeout exceeded when trying to connect')
  )
}

export function databaseUnavailable(): ApiError {
  return new ApiError(503, 'database_unavailable', 'The database is not reachable now. Try again.')
}

/** Describes a temporary failure of the database, after which the caller may try again. @returns undefined for every other error. */
export function databaseTrouble(error: unknown): ApiError | undefined {
  if (isDatabaseUnavailable(error)) return databaseUnavailable()
  const { code = '' } = (error ?? {}) as { code?: string }
  if (code === '53100') {
    return new ApiError(
      507,
      'database_full',
      "The database's disk is full. Everything that was acknowledged is kept. Try again later.",
    )
  }
  // A standby, or files that PostgreSQL may not write (42501 also means EROFS).
  if (code === '25006' || code === '42501')
    return new ApiError(503, 'database_not_writable', 'The database is not writable now. Try again.')
  return undefined
}

/** Seconds for `Retry-After`; undefined for a status that is not temporary. */
export function retryAfterS(status: number): number | undefined {
  return { 423: 1, 503: 1, 507: 10 }[status]
}
