import type { LockAnswer, LockMessage, LockMessages, LockQuestion } from './lock-messages.ts'

type Question = Extract<LockMessage, { from: string }>
type Answer = Extract<LockMessage, { kind: 'answer' }>

/** Sends questions to the holders of locks in other processes and receives their answers. */
export class LockDialog {
  readonly #holder: string
  readonly #messages: LockMessages
  readonly #waiting = new Map<number, (answer: LockAnswer) => void>()
  #asked = 0

  /** @param holder the UUID of this process. */
  constructor(holder: string, messages: LockMessages) {
    this.#holder = holder
    this.#messages = messages
  }

  /** @returns the answer; undefined if the process `to` has no session or does not answer within `timeoutMs`. */
  async ask(
    to: string,
    id: string,
    question: LockQuestion,
    timeoutMs: number,
  ): Promise<LockAnswer | undefined> {
    const number = ++this.#asked
    const { promise, resolve } = Promise.withResolvers<LockAnswer | undefined>()
    this.#waiting.set(number, resolve)
    const timer = setTimeout(() => resolve(undefined), timeoutMs)
    try {
      const sent = this.#messages.send(to, { ...question, id, from: this.#holder, number }).catch(() => false)
      // The answer may arrive before the query that sends the question has returned.
      const canAnswer = await Promise.race([sent, promise.then(() => true)])
      return canAnswer ? await promise : undefined
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(number)
    }
  }

  async answer({ id, from, number }: Question, answer: LockAnswer): Promise<void> {
    await this.#messages.send(from, { kind: 'answer', id, number, answer })
  }

  receive({ number, answer }: Answer): void {
    this.#waiting.get(number)?.(answer)
  }
}
