import { signal } from '@preact/signals'
import { address } from '../router.ts'

/** Silence after which the page checks whether the server is still there. A dead connection does not report itself. */
const SILENCE_MS = 6000
const ANSWER_TIMEOUT_MS = 8000
const INTERVAL_MS = 2000

/** Why the server cannot be reached, for people. Undefined while it can be reached, or while nothing is being sent. */
export const connectionProblem = signal<string | undefined>()

const listeners = new Set<() => void>()
let lastAnswer = 0
let timer: number | undefined
let asked: Promise<void> | undefined

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

/** Notes that the server has answered, or that bytes are on their way to it. */
export function noteAnswer(): void {
  lastAnswer = Date.now()
}

/** Checks whether the server can be reached, for example after a failed request. Sets `connectionProblem`. */
export function checkConnection(): Promise<void> {
  asked ??= askServer().finally(() => {
    asked = undefined
  })
  return asked
}

const check = () => void checkConnection()

function begin(): void {
  noteAnswer()
  timer = window.setInterval(() => {
    if (connectionProblem.value || Date.now() - lastAnswer > SILENCE_MS) check()
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

async function askServer(): Promise<void> {
  const problem = await unreachable()
  if (listeners.size === 0) return
  const wasLost = connectionProblem.value !== undefined
  connectionProblem.value = problem
  if (problem) return
  noteAnswer()
  if (wasLost) for (const listener of [...listeners]) listener()
}

/** @returns why the server cannot be reached; undefined if it can */
async function unreachable(): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const { status } = await fetch(address('health/live'), { cache: 'no-store', signal })
    return isAway(status) ? 'The server is not running at the moment.' : undefined
  } catch {
    return navigator.onLine ? 'The server cannot be reached. Check your connection.' : 'You are offline.'
  }
}

/** Whether a status means that the server did not answer: there was no answer, or a proxy sent it (RFC 9110 §15.6.3 to §15.6.5). */
export const isAway = (status: number) => status === 0 || (status >= 502 && status <= 504)
