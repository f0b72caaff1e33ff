import type { FastifyReply, FastifyRequest } from 'fastify'
import { basePath } from './html.ts'

const NAME = 'longtake_session'
const COOKIE = new RegExp(`(?:^|;) *${NAME}=([\\w-]{43}) *(?:;|$)`)

/** The value of the session's cookie; undefined if a request has none. */
export function sessionCookieOf({ headers }: FastifyRequest): string | undefined {
  return COOKIE.exec(headers.cookie ?? '')?.[1]
}

/**
 * Sets the cookie of a session, or removes it.
 * @param base the public URL, or ''. @param value undefined removes the cookie.
 */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  base: string,
  value?: { readonly secret: string; readonly expiresAt: Date },
): void {
  const { secret, expiresAt } = value ?? {}
  setCookie(request, reply, base, { name: NAME, value: secret, path: basePath(base) || '/', expiresAt })
}

/**
 * Sets a cookie, or removes it (RFC 6265). Scripts cannot read it, and browsers do not send it with requests from other sites, except when
 * the user follows a link (`SameSite=Lax`).
 * @param base the public URL, or ''. @param cookie.value undefined removes the cookie.
 */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  base: string,
  cookie: {
    readonly name: string
    readonly value: string | undefined
    readonly path: string
    readonly expiresAt: Date | undefined
  },
): void {
  const { name, value = '', path, expiresAt = new Date(0) } = cookie
  const isSecure = base ? base.startsWith('https:') : request.protocol === 'https'
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    `Expires=${expiresAt.toUTCString()}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure ? ['Secure'] : []),
  ]
  reply.header('set-cookie', parts.join('; '))
}
