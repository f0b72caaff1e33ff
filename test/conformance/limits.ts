/** Bytes of the largest upload. */
export const MAX = 10_000_000
/** Seconds. */
export const EXPIRY = 3600
