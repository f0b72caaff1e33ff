import { setTimeout as pause } from 'node:timers/promises'
import { openRequest, type RawAnswer } from '../raw-request.ts'
import type { Random } from './random.ts'

/** A client that gets no answer for this long gives its request up. It waits longer for each request after another one that failed. */
const PATIENCE_MS = 3000
/** A client without an answer to a request with a body waits longer: this long, and for its size at this rate. */
const BODY_PATIENCE_MS = 1500
const LEAST_BYTES_PER_MS = 3000
/** Pauses and patience double with each failure in a row, at most this often: otherwise requests that are given up keep a busy machine busy. */
const MAX_DOUBLINGS = 3
/** Answers after which a client tries again. */
const PASSING_STATUSES = [423, 429, 502, 503, 504, 507]

export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Buffer
  /** Called when the service has answered, so that it does nothing more. Not called if the client gives the request up. */
  readonly onAnswer?: () => void
}

/** A client that follows its protocol while network and service fail at any moment. */
export class ChaosClient {
  readonly origin: string
  readonly #random: Random
  /** Numbers of requests that had to be repeated, by the reason. */
  readonly retries: Record<string, number> = {}
  /** Numbers of offsets that were refused (409), by the client. */
  readonly conflicts: Record<string, number> = {}
  /** All requests and answers with their times, for the explanation of a fault. */
  readonly trace: string[] = []
  #failuresInARow = 0

  constructor(origin: string, random: Random) {
    this.origin = origin
    this.#random = random
  }

  /** Sends one request, its body in several portions. @returns undefined if there was no answer, or one that passes. */
  async try({ method, path, headers = {}, body, onAnswer }: Sent): Promise<RawAnswer | undefined> {
    const sized = body ? { 'content-length': body.length } : {}
    const { outgoing, answer } = openRequest(this.origin, path, {
      method,
      headers: { ...sized, ...headers },
    })
    const place = `${method} ${path} ${headers['upload-offset'] ?? ''}`
    this.note(place)
    outgoing.on('error', () => {})
    const over = new AbortController()
    void this.#write(body, chunk => outgoing.write(chunk), over.signal).then(() => outgoing.end())
    const patienceMs = PATIENCE_MS + (body ? BODY_PATIENCE_MS + body.length / LEAST_BYTES_PER_MS : 0)
    const late = pause(patienceMs * this.#backOff, undefined, { ref: false })
    const got = await Promise.race([answer.catch(() => undefined), late])
    over.abort()
    outgoing.destroy()
    // 502 is the proxy's answer: the service may still be at work.
    if (got && got.status !== 502) onAnswer?.()
    const code = /"code":"(\w+)"/.exec(got?.text ?? '')?.[1] ?? ''
    this.note(`${place} ${got ? `${got.status} ${code} ${got.headers['upload-offset'] ?? ''}` : 'no answer'}`)
    if (got && !PASSING_STATUSES.includes(got.status)) {
      this.#failuresInARow = 0
      return got
    }
    await this.repeat(got ? `${got.status} ${code}`.trim() : 'no answer')
    return undefined
  }

  /** Sends a request until there is an answer. @throws Error if it is not one of these. */
  async insist(sent: Sent, ...expected: number[]): Promise<RawAnswer> {
    let isFirst = true
    for (;;) {
      const answer = await this.try(sent)
      const isUnderWay = answer?.status === 409 && answer.text.includes('request_under_way')
      if (answer && expected.includes(answer.status)) return answer
      if (answer && (!isUnderWay || isFirst))
        throw new Error(`${sent.method} ${sent.path}: ${answer.status} ${answer.text}`)
      if (isUnderWay) await this.repeat('409 request_under_way')
      isFirst = false
    }
  }

  /** Counts a request that has to be repeated, and waits. */
  async repeat(reason: string): Promise<void> {
    this.retries[reason] = (this.retries[reason] ?? 0) + 1
    const backOff = this.#backOff
    this.#failuresInARow++
    await pause(this.#random.between(20, 250) * backOff)
  }

  get #backOff(): number {
    return 2 ** Math.min(this.#failuresInARow, MAX_DOUBLINGS)
  }

  countConflict(client: string): void {
    this.conflicts[client] = (this.conflicts[client] ?? 0) + 1
  }

  note(line: string): void {
    this.trace.push(`${new Date().toISOString()} ${line}`)
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
