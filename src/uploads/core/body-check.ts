/** A check of one body against the digest that its client sent. */
export interface BodyCheck {
  update(chunk: Uint8Array): void
  /** Call it once, after the end of the body. @throws ApiError if the bytes do not match the digest. */
  verify(): void
}
