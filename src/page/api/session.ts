import { signal } from '@preact/signals'
import { say } from '../locale/say.ts'
import { address, BASE, location } from '../router.ts'
import type { components } from './api-types.d.ts'

type Session = components['schemas']['Session']

const KEY = 'longtake-session'

/** The user who has signed in in this browser. The credential is a cookie that scripts cannot read. */
const session = signal<Session | undefined>(storedSession())

const meta = document.querySelector<HTMLMetaElement>('meta[name="sign-in"]')

/** Host of the OpenID provider at which people sign in; undefined if they sign in with a key or token only. */
export const provider = meta?.dataset['provider']

/** The address that signs in at the provider and then leads back to the current view. */
export function providerLink(): string {
  const { href } = location.value
  const url = new URL(meta!.content)
  url.searchParams.set('return_to', href.startsWith(BASE.href) ? href.slice(BASE.href.length) : '')
  return url.href
}

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
  if (!/^[\x21-\x7e]+$/.test(token)) return refused()
  let response: Response
  try {
    response = await fetch(address('session'), {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    })
  } catch {
    return unreachable()
  }
  if (response.status === 401) return refused()
  if (response.status === 403)
    return say('This key or token does not allow watching, so the page cannot use it.')
  if (!response.ok) return unreachable()
  remember(await response.json())
  return undefined
}

function remember(begun: Session): void {
  session.value = begun
  localStorage.setItem(KEY, JSON.stringify(begun))
  signInRequired.value = false
  const resolvers = waiting
  waiting = []
  for (const resolve of resolvers) resolve()
}

/** After a sign-in at the provider, only the cookie shows that the user has signed in. A sign-in in another tab counts for this one too. */
export async function findSession(): Promise<void> {
  addEventListener('storage', ({ key, newValue }) => {
    if (key === KEY && newValue) remember(JSON.parse(newValue))
  })
  if (provider === undefined) return
  const response = await fetch(address('session')).catch(() => undefined)
  if (response?.ok) remember(await response.json())
}

const refused = () => say('Invalid or expired key or token. Try another one.')
const unreachable = () => say('The server cannot be reached at the moment. Try again later.')

/** Ends the session and reloads the page, which clears everything else. If an upload is in progress, the browser asks for confirmation. */
export async function signOut(): Promise<void> {
  const { ok } = await fetch(address('session'), { method: 'DELETE' }).catch(() => ({ ok: false }))
  // The session still exists, so the cookie is still valid.
  if (!ok) throw new Error(unreachable())
  localStorage.removeItem(KEY)
  window.location.assign(document.baseURI)
}
