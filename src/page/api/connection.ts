import { signal } from '@preact/signals'
import { say } from '../locale/say.ts'
import { address } from '../router.ts'

/** Time without a response after which the page checks the server: a dead connection causes no error by itself. */
const SILENCE_MS = 6000
const RESPONSE_TIMEOUT_MS = 8000
const INTERVAL_MS = 2000

/** Why the server cannot be reached, as a sentence to show. Undefined while it can be reached, or while nothing is being sent. */
export const connectionProblem = signal<string | undefined>()

const listeners = new Set<() => void>()
let lastResponseMs = 0
let timer: number | undefined
let checking: Promise<void> | undefined

/**
 * Watches the connection while something is being sent.
 * @param onBack called when the server can be reached again
 * @returns a function that ends the watch
 */
export function watchConnection(onBack: () => void): () => void {
  const listener = () => onBack()
  listeners.add(listener)
  if (listeners.size === 1) begin()
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) end()
  }
}

/** Notes that the server has responded, or that bytes are being sent. */
export function noteResponse(): void {
  lastResponseMs = Date.now()
}

/** Checks whether the server can be reached, for example after a failed request. Sets `connectionProblem`. */
export function checkConnection(): Promise<void> {
  checking ??= checkServer().finally(() => {
    checking = undefined
  })
  return checking
}

const check = () => void checkConnection()

function begin(): void {
  noteResponse()
  timer = window.setInterval(() => {
    if (connectionProblem.value || Date.now() - lastResponseMs > SILENCE_MS) check()
  }, INTERVAL_MS)
  addEventListener('offline', check)
  addEventListener('online', check)
  if (!navigator.onLine) check()
}

function end(): void {
  clearInterval(timer)
  removeEventListener('offline', check)
  removeEventListener('online', check)
  connectionProblem.value = undefined
}

async function checkServer(): Promise<void> {
  const problem = await findProblem()
  if (listeners.size === 0) return
  const wasLost = connectionProblem.value !== undefined
  connectionProblem.value = problem
  if (problem) return
  noteResponse()
  if (wasLost) for (const listener of [...listeners]) listener()
}

/** @returns why the server cannot be reached; undefined if it can */
async function findProblem(): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS)
    const { status } = await fetch(address('health/live'), { cache: 'no-store', signal })
    return isUnreachable(status) ? say('The server is not running at the moment.') : undefined
  } catch {
    return navigator.onLine
      ? say('The server cannot be reached. Check your connection.')
      : say('You are offline.')
  }
}

/** Whether a status means that the server did not respond: there was no response, or a proxy sent it (RFC 9110 §15.6.3 to §15.6.5). */
export const isUnreachable = (status: number) => status === 0 || (status >= 502 && status <= 504)
