import { fstatSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { mediaTypeByExtension } from '../../src/base/media-types.ts'
import { CREDENTIAL } from '../command-line/credential.ts'
import { bytesText, percentText, progressLines, type Terminal } from '../command-line/terminal.ts'
import { openMediaFile } from './files.ts'
import { openResumeStore, type ResumeStore } from './resume-store.ts'
import { send } from './send.ts'

export interface UploadOptions {
  readonly server: string
  readonly metadata: Readonly<Record<string, string>>
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

export interface Uploaded {
  /** Id of the upload and of its video. */
  readonly id: string
  /** Remembers the upload, until someone calls `remove`. */
  readonly store: ResumeStore
}

/**
 * Uploads one file, or the rest of it.
 * @throws UserError if it is not possible; the signal's reason when that fires
 */
export async function uploadFile(path: string, options: UploadOptions): Promise<Uploaded> {
  const { server, terminal, signal } = options
  const { fd, size, changed } = await openMediaFile(path)
  const store = openResumeStore([server, path, String(size), String(changed)])
  const line = progressLines(size)
  const name = basename(path)
  const filetype = mediaTypeByExtension(extname(path))
  let saved = 0
  terminal.line(`Uploading ${name} (${bytesText(size)}) to ${server}`)
  try {
    const url = await send({
      fd,
      size,
      changed,
      endpoint: `${server}/uploads`,
      metadata: { filename: name, ...(filetype && { filetype }), ...options.metadata },
      store,
      signal,
      onProgress: sent => terminal.status(line(sent)),
      onSaved: bytes => {
        saved = bytes
      },
      onResume: offset => terminal.line(`Resuming at ${bytesText(offset)} (${percentText(offset, size)}).`),
      onLost: (reason, seconds, wasReached) =>
        terminal.line(
          `${wasReached ? 'Connection lost' : 'No connection'} (${reason}), trying again in ${seconds} s.`,
        ),
      onNote: text => terminal.line(text),
    })
    terminal.line(`Uploaded: ${bytesText(size)}.`)
    const now = fstatSync(fd)
    if (now.size !== size || now.mtimeMs !== changed)
      terminal.line('The file changed while it was uploaded: the server may have a mix of both versions.')
    return { id: new URL(url).pathname.replace(/\/+$/, '').split('/').at(-1)!, store }
  } catch (error) {
    if (signal.aborted) await sayStopped({ size, saved, store, terminal })
    throw error
  }
}

interface Stopped {
  readonly size: number
  readonly saved: number
  readonly store: ResumeStore
  readonly terminal: Terminal
}

async function sayStopped({ size, saved, store, terminal }: Stopped): Promise<void> {
  const url = store.read()
  if (!url) return terminal.line('Stopped before anything of this file was uploaded.')
  const bytes = await savedBytes(url, saved)
  terminal.line(
    `Stopped. ${bytesText(bytes)} of ${bytesText(size)} (${percentText(bytes, size)}) are saved on the server; run the same command again to resume.`,
  )
}

/**
 * Bytes of an upload that are saved on the server. Asks for one second at most, because someone who pressed Ctrl-C does not want to wait,
 * and until there are more than `known`, because the last bytes are still on their way.
 */
async function savedBytes(url: string, known: number): Promise<number> {
  const signal = AbortSignal.timeout(1000)
  try {
    for (;;) {
      const offset = (await offsetOf(url, signal)) ?? 0
      if (offset > known) return offset
      await pause(100, undefined, { signal })
    }
  } catch {
    return known
  }
}

/** The offset of an upload on the server; undefined if the server does not have it. @throws Error if the server cannot be asked */
export async function offsetOf(url: string, signal: AbortSignal): Promise<number | undefined> {
  const answer = await fetch(url, {
    method: 'HEAD',
    headers: { ...CREDENTIAL, 'tus-resumable': '1.0.0' },
    signal,
  })
  if (answer.status === 404 || answer.status === 410) return undefined
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  return Number(answer.headers.get('upload-offset') ?? 0)
}
