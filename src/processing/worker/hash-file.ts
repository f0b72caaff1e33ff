import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { sha256Stream } from '../../base/hash.ts'

/** @returns SHA-256 of a file, in hex. */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = sha256Stream()
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal })
  return hash.digest('hex')
}
