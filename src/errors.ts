/** What a client is told when a request cannot be served. `code` is stable; `field` names the input at fault. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly field: string | undefined

  /** @param field of a body, in its place within it: `tags.0`; or the name of a parameter or header. */
  constructor(status: number, code: string, message: string, field?: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.field = field
  }
}

/** An error of which the answer says more than words. */
export class DetailedError extends ApiError {
  /** Members of the problem besides those of RFC 9457. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, message: string, members: Readonly<Record<string, unknown>>) {
    super(status, code, message)
    this.name = 'DetailedError'
    this.members = members
  }
}

/** 404 for whatever does not exist (or no longer). */
export function notFound(what: string): ApiError {
  return new ApiError(404, 'not_found', `${what} was not found.`)
}

/** Why a processing step failed, for a person to read. `retryable` says whether the same input can succeed later. */
export class StepError extends Error {
  readonly code: string
  readonly retryable: boolean
  /** Seconds to wait at least before the next attempt, where the other side named a time. */
  readonly retryAfter: number | undefined

  constructor(
    code: string,
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

/** Why a step cannot run now, which is no fault of its own: it waits, and no attempt is counted. */
export class StepPostponed extends Error {
  readonly code: string
  /** Seconds to wait at least. */
  readonly wait: number

  constructor(code: string, message: string, wait = 0) {
    super(message)
    this.name = 'StepPostponed'
    this.code = code
    this.wait = wait
  }
}

/** A setting or a surrounding that keeps the program from starting; its message is the whole explanation. */
export class StartError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StartError'
  }
}

/** Whether an error says that the database cannot be reached now, and not that something is wrong with the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  // SQLSTATE class 08 is a broken connection, 57P01 to 57P03 a server that stops or starts (PostgreSQL, appendix A).
  return (
    /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/.test(code) ||
    /^Connection terminated|timeout exceeded when trying to connect/.test(message)
  )
}
