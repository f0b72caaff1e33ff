import { signal } from '@preact/signals'

const KEY = 'longtake-token'

/** An API key or a token, kept until the tab is closed. */
const token = signal(sessionStorage.getItem(KEY))

/** Whether the server has asked who this is, and nobody has answered yet. */
export const signInWanted = signal(false)

let waiting: (() => void)[] = []

/** The headers that say who asks: of every request of the page, whether by fetch or by tus. */
export function authHeaders(): Record<string, string> {
  return token.value ? { Authorization: `Bearer ${token.value}` } : {}
}

/** Whether somebody has signed in; where the server asks nobody, nobody has. */
export const isSignedIn = () => token.value !== null

/** Asks the person to sign in, and waits until they have. */
export function waitForSignIn(): Promise<void> {
  signInWanted.value = true
  return new Promise(resolve => waiting.push(resolve))
}

export function signIn(value: string): void {
  token.value = value.trim()
  sessionStorage.setItem(KEY, token.value)
  signInWanted.value = false
  const resolved = waiting
  waiting = []
  for (const resolve of resolved) resolve()
}

/** Forgets who it was, and everything that they have seen: the page begins anew. What is still being sent can ask to be left alone. */
export function signOut(): void {
  sessionStorage.removeItem(KEY)
  window.location.assign(document.baseURI)
}
