/** An end of the upload whose message is the whole explanation for the person at the terminal. */
export class UserError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UserError'
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
  ENOTFOUND: 'host not found',
}

/** The code of a network error such as ECONNREFUSED, which libraries wrap in errors of their own. */
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

/** Whether time alone may cure the failure: the server restarts, the network comes back. */
export function isTemporary(error: unknown): boolean {
  const code = networkCode(error)
  return code !== undefined && code in NETWORK_REASONS && code !== 'ENOTFOUND'
}

/** What a server says in a refusal: the detail of problem+json (RFC 9457), or the text that tus servers send. */
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
  // A proxy's error page says nothing that helps at a terminal.
  return /^\s*</.test(body) ? '' : (body.trim().split('\n')[0] ?? '').slice(0, 300)
}

function causeOf(error: Error): unknown {
  return 'causingError' in error && error.causingError ? error.causingError : error.cause
}
