/** Bytes that a request sends, from one offset to another. */
export interface Attempt {
  readonly from: number
  readonly to: number
}

/** What the requests and answers of one client say about an upload: which offsets the service may report, and when it may refuse one. */
export class UploadModel {
  /** Bytes that the service said it has. */
  acknowledged = 0
  /** End of the bytes that were sent: no more can be there. */
  #sent = 0
  /** Requests without an answer. The service may still receive them. */
  readonly #unanswered = new Set<Attempt>()

  begin(attempt: Attempt): void {
    this.#sent = Math.max(this.#sent, attempt.to)
    this.#unanswered.add(attempt)
  }

  /** Notes that the service has answered: it does nothing more with these bytes. */
  end(attempt: Attempt): void {
    this.#unanswered.delete(attempt)
  }

  /** @throws Error for an offset that cannot be: acknowledged bytes are missing, or there are some that were never sent. */
  acknowledge(offset: number): void {
    if (offset < this.acknowledged)
      throw new Error(`offset ${offset}, after ${this.acknowledged} bytes were acknowledged`)
    if (offset > this.#sent) throw new Error(`offset ${offset}, after ${this.#sent} bytes were sent`)
    this.acknowledged = offset
    for (const attempt of this.#unanswered) if (attempt.to <= offset) this.#unanswered.delete(attempt)
  }

  /**
   * Checks a refusal (409) of an acknowledged offset. It is right only if a request that the client gave up has stored these very bytes since.
   * @param offset the offset that the service reports afterwards. @throws Error
   */
  explainConflict(refused: number, offset: number): void {
    const isLate = ({ from, to }: Attempt) => from <= refused && refused < offset && offset <= to
    if (![...this.#unanswered].some(isLate))
      throw new Error(
        `offset ${refused} was refused, and is ${offset} although no earlier request ends there`,
      )
  }
}
