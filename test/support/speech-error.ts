export interface Failure {
  readonly status: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 429 | 500 | 503
  /** How many requests fail, 1 where absent. */
  readonly times?: number
  /** Seconds or a date, for the header of that name. */
  readonly retryAfter?: number | string
}

/** A refusal in OpenAI's shape. */
export class ApiError extends Error {
  readonly status: number
  readonly retryAfter: number | string | undefined
  readonly body: { error: { message: string; type: string; param: string | null; code: string | null } }

  constructor(
    status: number,
    message: string,
    param: string | null = null,
    code: string | null = null,
    type = 'invalid_request_error',
    retryAfter?: number | string,
  ) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
    this.body = { error: { message, type, param, code } }
  }
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const { statusCode = 500, message } = error as { statusCode?: number; message: string }
  return new ApiError(statusCode, message, null, null, statusCode < 500 ? undefined : 'server_error')
}

/** What the API says of its own accord with this status. */
export function failed({ status, retryAfter }: Failure): ApiError {
  const bodies: Record<Failure['status'], [message: string, type: string, code: string | null]> = {
    400: ['Invalid request.', 'invalid_request_error', null],
    401: ['Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key'],
    403: ['You are not allowed to use this model.', 'invalid_request_error', null],
    404: ['The model does not exist.', 'invalid_request_error', 'model_not_found'],
    408: ['The request timed out.', 'server_error', null],
    413: ['Maximum content size limit exceeded.', 'server_error', null],
    415: ['Unsupported media type.', 'invalid_request_error', null],
    429: ['Rate limit reached for whisper-1.', 'requests', 'rate_limit_exceeded'],
    500: ['The server had an error while processing your request. Sorry about that!', 'server_error', null],
    503: ['The engine is currently overloaded, please try again later.', 'server_error', null],
  }
  const [message, type, code] = bodies[status]
  return new ApiError(status, message, null, code, type, retryAfter)
}
