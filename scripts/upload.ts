// Terminal client: uploads one file to a Longtake server, resumes an interrupted upload, and follows the processing.
import { fstatSync, openSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { mediaTypeByExtension } from '../src/base/media-types.ts'
import { CREDENTIAL } from './upload/credential.ts'
import { follow } from './upload/follow.ts'
import { resultText, stepReporter } from './upload/report.ts'
import { openResumeStore } from './upload/resume-store.ts'
import { send } from './upload/send.ts'
import { bytesText, openTerminal, percentText, printable, progressLines } from './upload/terminal.ts'
import { UserError } from './upload/user-error.ts'

const USAGE = `Usage: npm run upload -- FILE [options]

Uploads a video or audio file and follows its processing. After Ctrl-C, a lost network or a restart, run the same
command again: the upload resumes where it stopped.

  --title TEXT         title of the video (default: the file name)
  --description TEXT   description of the video
  --language CODE      language that is spoken, such as en or de
  --url URL            the server (default: http://127.0.0.1:3000)
  --help               prints this text

If the server requires sign-in, set LONGTAKE_KEY to an API key or a token.

Exit codes: 0 the video is ready, 1 the upload or the processing failed, 130 interrupted.`

/** Conventional exit codes: 128 plus the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

class Interrupted extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('Interrupted')
    this.exitCode = exitCode
  }
}

const terminal = openTerminal(process.stderr)

async function main(): Promise<number> {
  const { file, server, metadata } = readArguments()
  if (!file) {
    console.log(USAGE)
    return 0
  }
  const controller = new AbortController()
  for (const [name, code] of Object.entries(SIGNALS)) {
    // The terminal signals us, and npm then forwards the same signal: only the first counts.
    process.on(name, () => controller.abort(new Interrupted(code)))
  }
  const id = await upload(file, server, metadata, controller.signal)
  return watch(`${server}/videos/${id}`, controller.signal)
}

function readArguments() {
  const { values, positionals } = parse()
  if (values.help) return { file: undefined, server: '', metadata: {} }
  const [file, ...others] = positionals
  if (!file) throw new UserError('Name the file to upload: npm run upload -- FILE (see --help).')
  if (others.length > 0) {
    throw new UserError(`Name one file, not ${positionals.length}. A name with spaces needs quotes.`)
  }
  const server = values.url.replace(/\/+$/, '')
  if (!/^https?:\/\//i.test(server) || !URL.canParse(server)) {
    throw new UserError(`--url must be an address such as http://127.0.0.1:3000, not "${values.url}".`)
  }
  const { title, description, language } = values
  const fields = {
    filename: basename(file),
    filetype: mediaTypeByExtension(extname(file)),
    title,
    description,
    language,
  }
  const metadata = Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return { file: resolve(file), server, metadata }
}

function parse() {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        title: text,
        description: text,
        language: text,
        url: { ...text, default: 'http://127.0.0.1:3000' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    // The other sentences explain rare forms of options.
    throw new UserError(`${(error as Error).message.split('. ')[0]} (see --help).`)
  }
}

/** @returns the id of the finished upload, which is also the id of the video. */
async function upload(
  path: string,
  server: string,
  metadata: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const { fd, size, changed } = openFile(path)
  const store = openResumeStore([server, path, String(size), String(changed)])
  const line = progressLines(size)
  let saved = 0
  terminal.line(`Uploading ${basename(path)} (${bytesText(size)}) to ${server}`)
  try {
    const url = await send({
      fd,
      size,
      changed,
      endpoint: `${server}/uploads`,
      metadata,
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
    if (now.size !== size || now.mtimeMs !== changed) {
      terminal.line('The file changed while it was uploaded: the server may have a mix of both versions.')
    }
    return new URL(url).pathname.replace(/\/+$/, '').split('/').at(-1)!
  } catch (error) {
    if (signal.aborted) {
      const url = store.read()
      if (url) saved = await savedBytes(url, saved)
      terminal.line(
        url
          ? `Stopped. ${bytesText(saved)} of ${bytesText(size)} (${percentText(saved, size)}) are saved on the server; run the same command again to resume.`
          : 'Stopped before anything was uploaded.',
      )
    }
    throw error
  }
}

function openFile(path: string): { fd: number; size: number; changed: number } {
  try {
    const fd = openSync(path, 'r')
    const stat = fstatSync(fd)
    if (stat.isFile()) return { fd, size: stat.size, changed: stat.mtimeMs }
    throw new UserError(
      `${path} is ${stat.isDirectory() ? 'a directory' : 'not a file'}; name one file to upload.`,
    )
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(`No such file: ${path}`)
    if (code === 'EACCES' || code === 'EPERM') throw new UserError(`No permission to read ${path}.`)
    throw error
  }
}

/**
 * Bytes of an upload that are saved on the server. Asks for one second at most, because someone who pressed Ctrl-C does not want to wait,
 * and until there are more than `known`, because the last bytes are still on their way.
 */
async function savedBytes(url: string, known: number): Promise<number> {
  const signal = AbortSignal.timeout(1000)
  try {
    for (;;) {
      const answer = await fetch(url, {
        method: 'HEAD',
        headers: { ...CREDENTIAL, 'tus-resumable': '1.0.0' },
        signal,
      })
      const offset = Number(answer.headers.get('upload-offset') ?? 0)
      if (offset > known) return offset
      await pause(100, undefined, { signal })
    }
  } catch {
    return known
  }
}

async function watch(videoUrl: string, signal: AbortSignal): Promise<number> {
  terminal.line('Processing:')
  try {
    const video = await follow(videoUrl, {
      signal,
      onVideo: stepReporter(terminal),
      onLost: reason => terminal.line(`Connection lost (${reason}), waiting for the server.`),
    })
    terminal.line('')
    console.log(printable(resultText(video, videoUrl)))
    return video.status === 'ready' ? 0 : 1
  } catch (error) {
    if (signal.aborted)
      terminal.line(`Stopped. The upload is complete, and the server continues to process it: ${videoUrl}`)
    throw error
  }
}

try {
  process.exit(await main())
} catch (error) {
  if (error instanceof Interrupted) process.exit(error.exitCode)
  if (error instanceof Error && error.name === 'AbortError' && error.cause instanceof Interrupted) {
    process.exit(error.cause.exitCode)
  }
  terminal.line(error instanceof UserError ? error.message : `Unexpected error: ${error}`)
  process.exit(1)
}
