import { statSync } from 'node:fs'
import { bytesText, percentText, printable } from '../command-line/terminal.ts'
import { networkReason } from '../command-line/user-error.ts'
import { rememberedUploads } from './resume-store.ts'
import { offsetOf } from './upload-file.ts'

/** Time for all servers to answer. */
const PATIENCE_MS = 10_000

interface Unfinished {
  readonly file: string
  readonly server: string
  readonly size: number
  /** Bytes on the server; null if it cannot be asked. */
  readonly saved: number | null
  /** The values that are known in another way. */
  readonly note: string
}

/** Prints the uploads that can be resumed. Uploads that their server no longer has are forgotten. */
export async function listUnfinished(
  { json }: { readonly json: boolean },
  stop: AbortSignal,
): Promise<number> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)])
  const found = await Promise.all(
    rememberedUploads().map(async ({ note: { url, upload }, store }): Promise<Unfinished[]> => {
      const [server = '', file = '', bytes, changed] = upload
      const own = { file, server, size: Number(bytes) }
      try {
        const saved = await offsetOf(url, signal)
        if (saved !== undefined)
          return [{ ...own, saved, note: changeOf(file, Number(bytes), Number(changed)) }]
        store.remove()
        return []
      } catch (error) {
        return [{ ...own, saved: null, note: `the server cannot be reached: ${networkReason(error)}` }]
      }
    }),
  )
  stop.throwIfAborted()
  const uploads = found.flat().sort((a, b) => (a.file < b.file ? -1 : 1))
  if (json) for (const upload of uploads) console.log(JSON.stringify(upload))
  else console.log(uploads.map(textOf).join('\n') || 'No upload can be resumed.')
  return 0
}

/** Why an upload cannot be resumed; empty if it can. */
function changeOf(path: string, size: number, changed: number): string {
  const now = statSync(path, { throwIfNoEntry: false })
  if (!now) return 'the file is gone'
  return now.size === size && now.mtimeMs === changed ? '' : 'the file has changed, and starts again'
}

function textOf({ file, server, size, saved, note }: Unfinished): string {
  const progress = saved === null ? bytesText(size) : `${percentText(saved, size)} of ${bytesText(size)}`
  return printable(`${file}  ${progress}  ${server}${note && `  (${note})`}`)
}
