/** Delay before an event is delivered again after its handler threw, in milliseconds. It doubles from `first` to `max`. */
export interface RedeliveryDelays {
  readonly first: number
  readonly max: number
}

export const REDELIVERY_DELAYS: RedeliveryDelays = { first: 1000, max: 60_000 }

/** Milliseconds to wait after the delivery with this number (from 1) has failed. */
export function redeliveryDelay(delivery: number, { first, max }: RedeliveryDelays): number {
  return Math.min(max, first * 2 ** (delivery - 1))
}
