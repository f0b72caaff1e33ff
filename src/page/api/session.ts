import { signal } from '@preact/signals'
import { address } from '../router.ts'
import type { components } from './api-types.d.ts'

type Session = components['schemas']['Session']

const KEY = 'longtake-session'

/** The user who has signed in in this browser. The credential is a cookie that scripts cannot read. */
const session = signal<Session | undefined>(storedSession())

/** Whether requests wait for a sign-in. */
export const signInRequired = signal(false)

let waiting: (() => void)[] = []

function storedSession(): Session | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/** Whether the user has signed in. False if the server has no sign-in. */
export const isSignedIn = () => session.value !== undefined

/** Whether the user has signed in as an admin. */
export const isAdmin = () => session.value?.scopes.includes('admin') ?? false

/** Opens the sign-in dialog, and waits until the user has signed in. */
export function waitForSignIn(): Promise<void> {
  signInRequired.value = true
  return new Promise(resolve => waiting.push(resolve))
}

/** Signs in with an API key or a token. @returns why that failed, as a sentence to show; undefined if it succeeded. */
export async function signIn(token: string): Promise<string | undefined> {
  // A credential in a header has no other characters (RFC 6750 §2.1).
  if (!/^[\x21-\x7e]+$/.test(token)) return REFUSED
  let response: Response
  try {
    response = await fetch(address('session'), {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    })
  } catch {
    return UNREACHABLE
  }
  if (response.status === 401) return REFUSED
  if (response.status === 403) return 'This key or token does not allow watching, so the page cannot use it.'
  if (!response.ok) return UNREACHABLE
  session.value = await response.json()
  localStorage.setItem(KEY, JSON.stringify(session.value))
  signInRequired.value = false
  const resolvers = waiting
  waiting = []
  for (const resolve of resolvers) resolve()
  return undefined
}

const REFUSED = 'Invalid or expired key or token. Try another one.'
const UNREACHABLE = 'The server cannot be reached at the moment. Try again later.'

/** Ends the session and reloads the page, which clears everything else. If an upload is in progress, the browser asks for confirmation. */
export async function signOut(): Promise<void> {
  const { ok } = await fetch(address('session'), { method: 'DELETE' }).catch(() => ({ ok: false }))
  // The session still exists, so the cookie is still valid.
  if (!ok) throw new Error(UNREACHABLE)
  localStorage.removeItem(KEY)
  window.location.assign(document.baseURI)
}
