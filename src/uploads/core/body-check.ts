/** A check of one body against the digest that its client sent. */
export interface BodyCheck {
  update(chunk: Uint8Array): void
  /** Call it once, after the body has ended. @throws ApiError if the bytes are not those that the client meant. */
  verify(): void
}
