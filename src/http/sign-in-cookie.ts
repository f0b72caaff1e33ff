import type { FastifyReply, FastifyRequest } from 'fastify'
import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import type { SignInAttempt } from '../access/oidc.ts'
import { basePath } from './html.ts'
import { setCookie } from './session-cookie.ts'

/** Time that a person has for the provider's pages. */
const LIFETIME_S = 600
const PREFIX = 'longtake_sign_in_'
/** Several tabs of a browser can sign in at the same time. More cookies would exceed the size limit of request headers. */
const MAX_COUNT = 8

/** A sign-in that a browser has begun. */
export interface BegunSignIn extends SignInAttempt {
  /** The address to open after the sign-in. */
  readonly target: string
}

/**
 * Keeps a sign-in in an encrypted cookie of the browser that began it, while the person is on the provider's pages. So any process can end
 * the sign-in, and no other browser can.
 */
export class SignInCookies {
  readonly #key: Uint8Array
  readonly #base: string

  /** @param key 32 bytes that all processes share. @param base the public URL without a trailing slash. */
  constructor(key: Uint8Array, base: string) {
    this.#key = key
    this.#base = base
  }

  async add(request: FastifyRequest, reply: FastifyReply, signIn: BegunSignIn): Promise<void> {
    const names = cookiesOf(request).map(([name]) => name)
    if (names.length >= MAX_COUNT) for (const name of names) this.#set(request, reply, name)
    const value = await new EncryptJWT({ ...signIn })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(`${LIFETIME_S}s`)
      .encrypt(this.#key)
    this.#set(request, reply, nameOf(signIn.state), value)
  }

  /** Removes the sign-in with a `state` from the browser. @returns undefined if the browser has none, or if it has expired. */
  async take(request: FastifyRequest, reply: FastifyReply, state: string): Promise<BegunSignIn | undefined> {
    const [name, value] = cookiesOf(request).find(([each]) => each === nameOf(state)) ?? []
    if (name === undefined || value === undefined) return undefined
    this.#set(request, reply, name)
    try {
      const { payload } = await jwtDecrypt<BegunSignIn>(value, this.#key)
      return payload.state === state ? payload : undefined
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  #set(request: FastifyRequest, reply: FastifyReply, name: string, value?: string): void {
    const path = `${basePath(this.#base)}/session/oidc`
    const expiresAt = value === undefined ? undefined : new Date(Date.now() + LIFETIME_S * 1000)
    setCookie(request, reply, this.#base, { name, value, path, expiresAt })
  }
}

function nameOf(state: string): string {
  return PREFIX + state.slice(0, 8)
}

function cookiesOf({ headers }: FastifyRequest): [name: string, value: string][] {
  return (headers.cookie ?? '').split(';').flatMap((pair): [string, string][] => {
    const [, name, value] = /^\s*(longtake_sign_in_[\w-]{8})=([\w.-]+)\s*$/.exec(pair) ?? []
    return name !== undefined && value !== undefined ? [[name, value]] : []
  })
}
