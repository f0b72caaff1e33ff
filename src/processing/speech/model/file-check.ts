import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { sha256Stream } from '../../../base/hash.ts'

/** The expected content of a file. */
export interface FileCheck {
  readonly size: number
  readonly sha256: string
}

/** Whether a file has the expected content. */
export async function hasContent(path: string, { size, sha256 }: FileCheck): Promise<boolean> {
  if ((await sizeOf(path)) !== size) return false
  const hash = sha256Stream()
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk)
  return hash.digest('hex') === sha256
}

/** Bytes of a file; 0 if there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
