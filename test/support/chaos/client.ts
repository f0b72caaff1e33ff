import { setTimeout as pause } from 'node:timers/promises'
import { openRequest, type RawAnswer } from '../raw-request.ts'
import type { Random } from './random.ts'

/** A client whose request gets no answer for so long gives it up. */
const PATIENCE_MS = 3000
/** Statuses after which a client tries again. */
const PASSING_STATUSES = [423, 429, 502, 503, 504, 507]

export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Buffer
}

/** A client that follows its protocol on a network, and of a service, that fail at any moment. */
export class ChaosClient {
  readonly #origin: string
  readonly #random: Random
  /** Numbers of requests that had to be repeated, by the reason. */
  readonly retries: Record<string, number> = {}
  /** Requests that were refused because an earlier one of this client, which it had given up, came through. */
  conflicts = 0

  constructor(origin: string, random: Random) {
    this.#origin = origin
    this.#random = random
  }

  /** Sends one request, its body in several portions. @returns undefined if there was no answer, or one that passes. */
  async try({ method, path, headers = {}, body }: Sent): Promise<RawAnswer | undefined> {
    const sized = body ? { 'content-length': body.length } : {}
    const { outgoing, answer } = openRequest(this.#origin, path, {
      method,
      headers: { ...sized, ...headers },
    })
    outgoing.on('error', () => {})
    const over = new AbortController()
    void this.#write(body, chunk => outgoing.write(chunk), over.signal).then(() => outgoing.end())
    const late = pause(PATIENCE_MS + (body ? 1500 : 0), undefined, { ref: false })
    const got = await Promise.race([answer.catch(() => undefined), late])
    over.abort()
    outgoing.destroy()
    if (got && !PASSING_STATUSES.includes(got.status)) return got
    const reason = got ? `${got.status} ${/"code":"(\w+)"/.exec(got.text)?.[1] ?? ''}`.trim() : 'no answer'
    this.retries[reason] = (this.retries[reason] ?? 0) + 1
    await pause(this.#random.between(20, 250))
    return undefined
  }

  /** Sends a request until there is an answer. @throws Error if it is not one of these. */
  async insist(sent: Sent, ...expected: number[]): Promise<RawAnswer> {
    for (;;) {
      const answer = await this.try(sent)
      if (!answer) continue
      if (expected.includes(answer.status)) return answer
      if (answer.status === 409 && answer.text.includes('request_under_way')) continue
      throw new Error(`${sent.method} ${sent.path}: ${answer.status} ${answer.text}`)
    }
  }

  async #write(body: Buffer | undefined, write: (chunk: Buffer) => void, signal: AbortSignal): Promise<void> {
    if (!body) return
    const portion = Math.ceil(body.length / this.#random.integer(1, 4))
    for (let at = 0; at < body.length && !signal.aborted; at += portion) {
      write(body.subarray(at, at + portion))
      if (at + portion < body.length) await pause(this.#random.between(5, 120))
    }
  }
}
