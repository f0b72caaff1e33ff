import type { FastifyReply, FastifyRequest } from 'fastify'

const NAME = 'longtake_session'
const COOKIE = new RegExp(`(?:^|;) *${NAME}=([\\w-]{43}) *(?:;|$)`)

/** The value of the session's cookie; undefined if a request has none. */
export function sessionCookieOf({ headers }: FastifyRequest): string | undefined {
  return COOKIE.exec(headers.cookie ?? '')?.[1]
}

/**
 * Sets the cookie of a session, or removes it (RFC 6265). Scripts cannot read it, and browsers do not send it with requests from other sites,
 * except when the user follows a link (`SameSite=Lax`).
 * @param base the public URL, or ''. @param value undefined removes the cookie.
 */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  base: string,
  value?: { readonly secret: string; readonly expiresAt: Date },
): void {
  const path = base ? new URL(base).pathname : '/'
  const isSecure = base ? base.startsWith('https:') : request.protocol === 'https'
  const expires = value?.expiresAt ?? new Date(0)
  const parts = [
    `${NAME}=${value?.secret ?? ''}`,
    `Path=${path}`,
    `Expires=${expires.toUTCString()}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure ? ['Secure'] : []),
  ]
  reply.header('set-cookie', parts.join('; '))
}
