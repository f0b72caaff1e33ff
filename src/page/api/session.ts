import { signal } from '@preact/signals'

const KEY = 'longtake-token'

/** An API key or a token, stored until the tab is closed. */
const token = signal(sessionStorage.getItem(KEY))

/** Whether the server requires a sign-in that has not happened yet. */
export const signInWanted = signal(false)

let waiting: (() => void)[] = []

/** The credential, for the headers of every request of the page. */
export function authHeaders(): Record<string, string> {
  return token.value ? { Authorization: `Bearer ${token.value}` } : {}
}

/** Whether the person has signed in. False if the server has no sign-in. */
export const isSignedIn = () => token.value !== null

/** Asks the person to sign in, and waits for that. */
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

/** Deletes the credential and loads the page again, so that nothing of the session is left. An upload in progress asks for confirmation first. */
export function signOut(): void {
  sessionStorage.removeItem(KEY)
  window.location.assign(document.baseURI)
}
