/** Ends what a command is doing, with a sentence that explains everything to the person at the terminal. */
export class UserError extends Error {
  /** Whether everything else that the command could do would fail for the same reason. */
  readonly endsAll: boolean

  constructor(message: string, { endsAll = false } = {}) {
    super(message)
    this.name = 'UserError'
    this.endsAll = endsAll
  }
}

const NETWORK_REASONS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the server',
  ENETUNREACH: 'no network',
  EAI_AGAIN: 'no name service',
  ENOTFOUND: 'unknown host',
}

/** The code of a network error, such as ECONNREFUSED. Libraries wrap it in their own errors. */
export function networkCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = causeOf(at)) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}

/** A few words on why the network failed. */
export function networkReason(error: unknown): string {
  const code = networkCode(error)
  return (code && NETWORK_REASONS[code]) ?? code ?? (error instanceof Error ? error.message : String(error))
}

/** Whether the failure may pass by itself: the server restarts, or the network comes back. */
export function isTemporary(error: unknown): boolean {
  const code = networkCode(error)
  return code !== undefined && code in NETWORK_REASONS && code !== 'ENOTFOUND'
}

/** The reason in a refusal: the detail of problem+json (RFC 9457), or the plain text of tus servers. */
export function refusal(body: string): string {
  try {
    const problem: unknown = JSON.parse(body)
    if (problem && typeof problem === 'object') {
      if ('detail' in problem && typeof problem.detail === 'string') return problem.detail
      if ('title' in problem && typeof problem.title === 'string') return problem.title
    }
  } catch {
    // Plain text.
  }
  // HTML is a proxy's error page, which does not help at a terminal.
  return /^\s*</.test(body) ? '' : (body.trim().split('\n')[0] ?? '').slice(0, 300)
}

function causeOf(error: Error): unknown {
  return 'causingError' in error && error.causingError ? error.causingError : error.cause
}
