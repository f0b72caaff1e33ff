import { createHash, type Hash } from 'node:crypto'

/** SHA-256 in lower-case hex. */
export function sha256Hex(data: string | NodeJS.ArrayBufferView): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Hashes data that arrives in parts. */
export function sha256Stream(): Hash {
  return createHash('sha256')
}
