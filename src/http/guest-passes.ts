import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ShareLink } from '../access/share-links.ts'
import { basePath } from './html.ts'
import { setCookie } from './session-cookie.ts'

/** Time after which a guest has to enter the password again. */
const LIFETIME_MS = 12 * 3_600_000

/** Cookies of guests who have entered the password of a share link. A new password, and another link, need another cookie. */
export class GuestPasses {
  readonly #key: string
  readonly #base: string

  /** @param key secret that all processes share. @param base the public URL without a trailing slash, or ''. */
  constructor(key: string, base: string) {
    this.#key = key
    this.#base = base
  }

  give(request: FastifyRequest, reply: FastifyReply, link: ShareLink): void {
    const expiresAt = new Date(Date.now() + LIFETIME_MS)
    const expires = String(expiresAt.getTime())
    const value = `${expires}.${this.#mac(link, expires).toString('base64url')}`
    setCookie(request, reply, this.#base, {
      name: nameOf(link),
      value,
      path: basePath(this.#base) || '/',
      expiresAt,
    })
  }

  /** Whether a guest may open a link: it has no password, or the guest has entered it. */
  admits({ headers }: FastifyRequest, link: ShareLink): boolean {
    if (link.password === null) return true
    const form = new RegExp(`(?:^|;) *${nameOf(link)}=(\\d{13})\\.([\\w-]{43}) *(?:;|$)`)
    const [, expires, given] = form.exec(headers.cookie ?? '') ?? []
    if (expires === undefined || given === undefined || Number(expires) <= Date.now()) return false
    return timingSafeEqual(Buffer.from(given, 'base64url'), this.#mac(link, expires))
  }

  #mac({ id, password }: ShareLink, expires: string): Buffer {
    return createHmac('sha256', this.#key).update(`longtake guest 1\n${id}\n${password}\n${expires}`).digest()
  }
}

function nameOf({ id }: ShareLink): string {
  return `longtake_guest_${id}`
}
