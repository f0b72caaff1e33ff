import { signal } from '@preact/signals'

const KEY = 'longtake-token'

/** An API key or a token, stored until the tab is closed. */
const token = signal(sessionStorage.getItem(KEY))

/** Whether requests wait for a sign-in. */
export const signInRequired = signal(false)

let waiting: (() => void)[] = []

/** The header with the credential, for every request of the page. */
export function authHeaders(): Record<string, string> {
  return token.value ? { Authorization: `Bearer ${token.value}` } : {}
}

/** Whether the user has signed in. False if the server has no sign-in. */
export const isSignedIn = () => token.value !== null

/** Opens the sign-in dialog, and waits until the user has signed in. */
export function waitForSignIn(): Promise<void> {
  signInRequired.value = true
  return new Promise(resolve => waiting.push(resolve))
}

export function signIn(value: string): void {
  token.value = value.trim()
  sessionStorage.setItem(KEY, token.value)
  signInRequired.value = false
  const resolvers = waiting
  waiting = []
  for (const resolve of resolvers) resolve()
}

/** Deletes the credential and reloads the page, which clears everything else. If an upload is in progress, the browser asks for confirmation. */
export function signOut(): void {
  sessionStorage.removeItem(KEY)
  window.location.assign(document.baseURI)
}
