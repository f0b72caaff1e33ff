import { open, rename, rm } from 'node:fs/promises'
import { fetch } from 'undici'
import { type FileCheck, hasContent, sizeOf } from './file-check.ts'

/** A source does not have the file, or has another content under its name. */
export class WrongFileError extends Error {}

/** Connections in a row that may end without a further byte. */
const FRUITLESS_TRIES = 3
const SILENCE_LIMIT_MS = 30_000

export interface Download {
  readonly signal: AbortSignal
  /** Called with the bytes that are there so far. */
  readonly onProgress: (bytes: number) => void
}

/**
 * Downloads a file with a known hash. The received bytes stay in `<path>.part`, where a later call resumes, in any process.
 * The file gets its name when it is complete and its hash is right.
 * @throws WrongFileError if the server sends another content, which is removed. Other errors may be temporary.
 */
export async function downloadFile(
  url: string,
  path: string,
  check: FileCheck,
  download: Download,
): Promise<void> {
  const part = `${path}.part`
  let [size, fruitless] = [await sizeOf(part), 0]
  while (size < check.size) {
    const before = size
    let failure: unknown = new Error('The server sent nothing.')
    try {
      await fetchFrom(url, part, size, check.size, download)
    } catch (error) {
      download.signal.throwIfAborted()
      if (error instanceof WrongFileError) throw error
      failure = error
    }
    size = await sizeOf(part)
    fruitless = size > before ? 0 : fruitless + 1
    if (fruitless >= FRUITLESS_TRIES) throw failure
  }
  await accept(part, path, check)
}

/** Gives a complete file its name if its hash is right, and removes it otherwise. @throws WrongFileError */
export async function accept(part: string, path: string, check: FileCheck): Promise<void> {
  if (!(await hasContent(part, check))) {
    await rm(part, { force: true })
    throw new WrongFileError(`The file does not have the SHA-256 ${check.sha256}.`)
  }
  await rename(part, path)
}

async function fetchFrom(
  url: string,
  part: string,
  from: number,
  size: number,
  { signal, onProgress }: Download,
): Promise<void> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new Error('The server sends nothing.')), SILENCE_LIMIT_MS)
  try {
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) },
      signal: AbortSignal.any([signal, silence.signal]),
    })
    const isPart = response.status === 206
    if (response.status === 404 || response.status === 410)
      throw new WrongFileError(`${response.status} for ${url}`)
    if (!response.ok || !response.body) throw new Error(`The server answered ${response.status}.`)
    const start = isPart ? firstByte(response.headers.get('content-range')) : 0
    if (start > from) throw new WrongFileError('The server sent another range than requested.')
    const file = await open(part, start > 0 ? 'r+' : 'w')
    try {
      let at = start
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        timer.refresh()
        if (at + chunk.length > size) throw new WrongFileError(`The file is larger than ${size} bytes.`)
        await file.write(chunk, 0, chunk.length, at)
        at += chunk.length
        onProgress(at)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    // The next try would receive the same wrong bytes.
    if (error instanceof WrongFileError) await rm(part, { force: true })
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** RFC 9110 §14.4. */
function firstByte(contentRange: string | null): number {
  const [, first] = /^bytes (\d+)-/.exec(contentRange ?? '') ?? []
  if (first === undefined) throw new WrongFileError('The server sent a part without its range.')
  return Number(first)
}
