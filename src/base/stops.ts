export type Stop = () => Promise<void>

/** The parts of a service that have started. They are stopped one after another, the last one first. */
export class Stops {
  readonly #stops: { readonly name: string; readonly stop: Stop }[] = []
  #stopping: string | undefined

  push(name: string, stop: Stop): void {
    this.#stops.push({ name, stop })
  }

  /** The part that is being stopped. */
  get stopping(): string | undefined {
    return this.#stopping
  }

  async stopAll(): Promise<void> {
    for (let last = this.#stops.pop(); last; last = this.#stops.pop()) {
      this.#stopping = last.name
      await last.stop()
    }
  }
}
